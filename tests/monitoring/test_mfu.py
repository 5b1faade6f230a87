"""Peaks of devices, and the share of them that a run uses."""

import pytest
from trl.trainer.utils import _PEAK_FLOPS_BY_DEVICE, compute_mfu, get_peak_flops

from pixel.monitoring.mfu import mfu, peak_flops


@pytest.mark.parametrize("name", [name for name, _ in _PEAK_FLOPS_BY_DEVICE])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_peaks_are_those_that_trl_knows(name, dtype):
    theirs = get_peak_flops(f"NVIDIA {name}", dtype)
    if theirs is not None:
        assert peak_flops(f"NVIDIA {name}", dtype) == theirs


def test_a_name_that_goes_on_is_not_taken_for_its_beginning():
    assert peak_flops("NVIDIA H100 80GB HBM3", "bfloat16") == 989e12
    assert peak_flops("NVIDIA H100 PCIe", "bfloat16") == 756e12
    assert peak_flops("NVIDIA A10G", "bfloat16") == 125e12
    assert peak_flops("NVIDIA L40S", "bfloat16") != peak_flops("NVIDIA L4", "bfloat16")


def test_no_known_peak_is_no_utilisation():
    assert peak_flops("Intel Xeon", "float32") is None and peak_flops("Tesla T4", "bfloat16") is None
    assert mfu(1e12, None) is None


def test_utilisation_is_that_of_trl_over_a_hundred():
    assert mfu(27.9e9 * 5000, 989e12, devices=8) == pytest.approx(compute_mfu(27.9e9, 5000, 8, 989e12) / 100)
