"""GPUs as a stand-in for NVML tells of them: no GPU is needed here."""

import sys
from types import SimpleNamespace

import pytest

from pixel.monitoring.gpu import Gpus, throttles


class NvmlError(Exception):
    pass


def nvml(**changed):
    """The functions of `pynvml` that are called, two devices behind them."""
    given = {
        "NVMLError": NvmlError, "NVML_TEMPERATURE_GPU": 0, "NVML_CLOCK_SM": 1, "NVML_MEMORY_ERROR_TYPE_UNCORRECTED": 1,
        "NVML_VOLATILE_ECC": 0, "nvmlInit": lambda: None, "nvmlShutdown": lambda: None,
        "nvmlDeviceGetCount": lambda: 2, "nvmlDeviceGetHandleByIndex": lambda index: f"GPU-{index}",
        "nvmlDeviceGetHandleByUUID": lambda uuid: uuid,
        "nvmlDeviceGetUtilizationRates": lambda handle: SimpleNamespace(gpu=12 + 75 * (handle == "GPU-0"), memory=40),
        "nvmlDeviceGetMemoryInfo": lambda handle: SimpleNamespace(used=70 << 30, total=80 << 30),
        "nvmlDeviceGetTemperature": lambda handle, sensor: 71, "nvmlDeviceGetClockInfo": lambda handle, clock: 1410,
        "nvmlDeviceGetMaxClockInfo": lambda handle, clock: 1980,
        "nvmlDeviceGetCurrentClocksThrottleReasons": lambda handle: 0x24,
        "nvmlDeviceGetTotalEccErrors": lambda handle, kind, counter: 0,
        "nvmlDeviceGetPowerUsage": lambda handle: 412_345, "nvmlDeviceGetEnforcedPowerLimit": lambda handle: 700_000,
    }  # fmt: skip
    return SimpleNamespace(**given | changed)


def test_every_device_tells_what_it_does():
    first, second = Gpus(nvml=nvml()).read()
    assert first == {
        "gpu_percent": 87.0, "gpu_memory_busy_percent": 40.0, "gpu_memory_bytes": 70.0 * 2**30,
        "gpu_memory_limit_bytes": 80.0 * 2**30, "gpu_celsius": 71.0, "gpu_clock_mhz": 1410.0,
        "gpu_clock_max_mhz": 1980.0, "gpu_throttle": 36.0, "gpu_ecc_errors": 0.0, "gpu_watts": 412.345,
        "gpu_watts_limit": 700.0,
    }  # fmt: skip
    assert second["gpu_percent"] == 12.0


def test_a_rank_reads_its_own_device_by_uuid():
    (only,) = Gpus(["1"], nvml=nvml()).read()  # as torch gives it, without "GPU-"
    assert only["gpu_percent"] == 12.0


def test_what_a_device_does_not_tell_is_left_out():
    def refuse(*arguments):
        raise NvmlError("Not Supported")

    first, _ = Gpus(nvml=nvml(nvmlDeviceGetTotalEccErrors=refuse, nvmlDeviceGetPowerUsage=refuse)).read()
    assert "gpu_ecc_errors" not in first and "gpu_watts" not in first and first["gpu_celsius"] == 71


@pytest.mark.parametrize("failing", ["nvmlInit", "nvmlDeviceGetCount"])
def test_without_a_driver_there_is_nothing_to_tell(failing):
    def refuse():
        raise NvmlError("Driver Not Loaded")

    assert Gpus(nvml=nvml(**{failing: refuse})).read() == []


def test_without_the_package_there_is_nothing_to_tell(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert Gpus().read() == []


def test_reasons_for_slowing_down_have_words_and_idling_is_none():
    assert throttles(0x24) == ["power cap", "thermal (software)"]
    assert throttles(0x1) == []
