"""All measures of a stretch of sound at once: the cheap ones always, the predicted opinion score only where asked."""

from collections.abc import Sequence

import numpy as np

from pixel.voice.quality.bandwidth import bandwidth_hz
from pixel.voice.quality.clipping import clipped_share
from pixel.voice.quality.loudness import loudness_lufs
from pixel.voice.quality.snr import snr_db

AUDIO_MEASURES = ("snr_db", "clipped_share", "loudness_lufs", "bandwidth_hz")
MOS_MEASURES = ("mos_ovr", "mos_sig", "mos_bak")


def measure_audio(
    samples: np.ndarray,
    rate: int = 16_000,
    speech: Sequence[tuple[float, float]] | None = None,
    mos: bool = False,
) -> dict[str, float | None]:
    """
    What a segment (or a window of a recording) sounds like.

    Args:
        samples: float `[samples]` in [-1, 1], mono.
        rate: samples a second.
        speech: where somebody speaks, in seconds from the first sample; for the signal-to-noise ratio, which finds it
            by itself without. Noise is looked for everywhere, so give a few tenths of a second around an utterance
            where there is room.
        mos: also the predicted opinion scores (DNSMOS), tens to hundreds of times as costly as all others together.

    Returns:
        rounded floats by name, `None` where the stretch is too short or silent to say: `snr_db`, `clipped_share`
        in [0, 1], `loudness_lufs`, `bandwidth_hz`; with `mos` also `mos_ovr`, `mos_sig`, `mos_bak` in about [1, 5].

    Raises:
        ValueError: samples are not one-dimensional or not finite.
        FileNotFoundError: `mos` without the package `speechmos`.

    Example:
        >>> measure_audio(np.zeros(16_000, np.float32))["snr_db"] is None
        True
    """
    samples = np.asarray(samples, dtype=np.float32)
    if samples.ndim != 1:
        raise ValueError(f"samples of shape {samples.shape}. Mend: give one channel, [samples]")
    if not np.isfinite(samples).all():
        raise ValueError("samples hold NaN or infinity. Mend: decode the file anew or leave it out")
    measured = {
        "snr_db": _rounded(snr_db(samples, rate, speech), 2),
        "clipped_share": _rounded(clipped_share(samples), 5),
        "loudness_lufs": _rounded(loudness_lufs(samples, rate), 2),
        "bandwidth_hz": _rounded(bandwidth_hz(samples, rate), 0),
    }
    if mos:
        from pixel.voice.quality.mos import opinion_scores

        measured |= {name: _rounded(value, 3) for name, value in opinion_scores(samples, rate).items()}
    return measured


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(float(value), digits)
