"""Loudness as people hear it, gated so that pauses do not count (ITU-R BS.1770-4)."""

import math
import warnings

import numpy as np

BLOCK_SECONDS = 0.4


def loudness_lufs(samples: np.ndarray, rate: int = 16_000) -> float | None:
    """
    Integrated loudness.

    Args:
        samples: float `[samples]` in [-1, 1].
        rate: samples a second.

    Returns:
        LUFS, about -70 to 0 (speech that was levelled for the web lies between -24 and -14); `None` below 0.4 s or
        where every block is under the absolute gate of -70 LUFS.

    Source: ITU-R BS.1770-4, as in pyloudnorm (Steinmetz & Reiss, AES 2021).
    """
    import pyloudnorm

    if len(samples) <= BLOCK_SECONDS * rate:
        return None
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore")
        value = float(pyloudnorm.Meter(rate).integrated_loudness(np.asarray(samples, dtype=np.float64)))
    return value if math.isfinite(value) else None
