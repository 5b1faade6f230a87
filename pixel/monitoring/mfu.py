"""
How much of a device's arithmetic a run uses (model FLOPs utilisation; PaLM, Chowdhery et al. 2022, appendix B).

Peaks are dense, as the makers' data sheets give them, in FLOP/s of matrix products: NVIDIA A100 (2020), A10 and A10G,
A6000, T4, V100, L4, L40S (Ada), H100, H200 and H20 (Hopper), B200, GB200 and B300 (Blackwell) data sheets, "without
sparsity"; AMD Instinct MI250X, MI300X, MI325X, MI355X data sheets. TorchTitan and TRL hold the same figures for
bfloat16. A device that is not in the table has no MFU, only FLOP/s.
"""

import re

T = 1e12
_HALF = ("bfloat16", "float16")
_PEAKS: tuple[tuple[str, dict[str, float]], ...] = (
    ("GB300", {"bfloat16": 2500 * T, "float16": 2500 * T}),
    ("GB200", {"bfloat16": 2500 * T, "float16": 2500 * T, "float32": 1250 * T}),
    ("B300", {"bfloat16": 2250 * T, "float16": 2250 * T}),
    ("B200", {"bfloat16": 2250 * T, "float16": 2250 * T, "float32": 1125 * T}),
    ("H100 NVL", dict.fromkeys(_HALF, 835 * T) | {"float32": 417 * T}),
    ("H100 PCIe", dict.fromkeys(_HALF, 756 * T) | {"float32": 378 * T}),
    ("H100", dict.fromkeys(_HALF, 989 * T) | {"float32": 494 * T}),
    ("H200 NVL", dict.fromkeys(_HALF, 835 * T) | {"float32": 417 * T}),
    ("H200", dict.fromkeys(_HALF, 989 * T) | {"float32": 494 * T}),
    ("H20", dict.fromkeys(_HALF, 148 * T) | {"float32": 74 * T}),
    ("RTX PRO 6000", dict.fromkeys(_HALF, 500 * T)),
    ("A100", dict.fromkeys(_HALF, 312 * T) | {"float32": 156 * T}),
    ("A6000", dict.fromkeys(_HALF, 154.85 * T) | {"float32": 77.4 * T}),
    ("A10G", dict.fromkeys(_HALF, 125 * T)),
    ("A10", dict.fromkeys(_HALF, 125 * T) | {"float32": 62.5 * T}),
    ("L40S", dict.fromkeys(_HALF, 362 * T) | {"float32": 183 * T}),
    ("L4", dict.fromkeys(_HALF, 121 * T) | {"float32": 60 * T}),
    ("V100", {"float16": 125 * T, "float32": 15.7 * T}),
    ("T4", {"float16": 65 * T, "float32": 8.1 * T}),
    ("MI355X", dict.fromkeys(_HALF, 2500 * T)),
    ("MI325X", dict.fromkeys(_HALF, 1300 * T)),
    ("MI300X", dict.fromkeys(_HALF, 1300 * T)),
    ("MI250X", {"bfloat16": 191.5 * T, "float16": 191.5 * T}),
)
"""Part of a device's name (longer ones first) -> dtype -> FLOP/s; float32 by TF32 where there is that."""


def peak_flops(device: str, dtype: str) -> float | None:
    """
    Dense peak of a device.

    Args:
        device: its name as the driver gives it, such as `NVIDIA H100 80GB HBM3`.
        dtype: of the matrix products: `bfloat16`, `float16` or `float32`.

    Returns:
        FLOP/s, or `None` where nobody has told us.
    """
    for name, peaks in _PEAKS:
        if re.search(rf"\b{re.escape(name.casefold())}\b", device.casefold()):
            return peaks.get(dtype)
    return None


def mfu(flops_per_second: float, peak: float | None, devices: int = 1) -> float | None:
    """
    Share of the peak, in [0, 1]; `None` where the peak is not known.

    Args:
        flops_per_second: of all devices together.
        peak: of one, from `peak_flops`.
        devices: how many.
    """
    return flops_per_second / (peak * devices) if peak else None
