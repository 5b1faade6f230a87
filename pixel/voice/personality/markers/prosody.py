"""Prosody, where praat-parselmouth is installed (extra `prosody`, GPL-3.0): a speaker's pitch and loudness."""

from collections.abc import Sequence

import numpy as np

from pixel.voice.personality.marker import markers_of

LEAST_SECONDS = 5.0
"""Voiced seconds below which nothing is told."""
STEP = 0.01
FIRST_PASS = 75, 500
"""Hz; below lie creaky voice and half of the true pitch."""
OUTSIDE = (0.35, 0.65), (0.83, 1.92)
"""Quantiles of a first pass, and what they are multiplied by for the floor and the ceiling of the second."""

MARKERS = markers_of("prosody")


def installed() -> bool:
    """Whether parselmouth can be imported."""
    try:
        import parselmouth  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True


def measure(samples: np.ndarray, spans: Sequence[tuple[float, float]], rate: int = 16_000) -> dict[str, float | None]:
    """
    Args:
        samples: float32 `[samples]`, mono, of the recording.
        spans: seconds in which this person speaks.
        rate: of the samples.

    Returns:
        name -> value; `None` below 5 voiced seconds. Loudness is relative (microphone and distance are not known), so
        only its variation is told.

    Source: Boersma's autocorrelation (Praat), in two passes, the second within the speaker's own range; the idea is De
    Looze & Hirst's, Speech Prosody 2008.
    """
    import parselmouth

    sound = parselmouth.Sound(np.asarray(samples, dtype=np.float64), sampling_frequency=rate)
    first = _voiced(sound.to_pitch_ac(STEP, pitch_floor=FIRST_PASS[0], pitch_ceiling=FIRST_PASS[1]), spans)
    if len(first) * STEP < LEAST_SECONDS:
        return dict.fromkeys(MARKERS)
    (low, high), (down, up) = OUTSIDE
    floor, ceiling = np.quantile(first, low) * down, np.quantile(first, high) * up
    floor, ceiling = max(60.0, float(floor)), min(700.0, float(ceiling))
    pitch = _voiced(sound.to_pitch_ac(STEP, pitch_floor=floor, pitch_ceiling=ceiling), spans)
    intensity = sound.to_intensity(minimum_pitch=floor, time_step=STEP)
    loud = intensity.values[0][_inside(intensity.xs(), spans)]
    speaking = loud[loud > np.quantile(loud, 0.95) - 30] if len(loud) else loud  # within 30 dB of the loudest
    if len(pitch) * STEP < LEAST_SECONDS or not len(speaking):
        return dict.fromkeys(MARKERS)
    semitones = 12 * np.log2(pitch / np.median(pitch))
    ten, ninety = np.quantile(semitones, [0.1, 0.9])
    return {
        "pitch_median": float(np.median(pitch)),
        "pitch_range": float(ninety - ten),
        "pitch_spread": float(semitones.std()),
        "intensity_spread": float(speaking.std()),
    }


def _inside(times: np.ndarray, spans: Sequence[tuple[float, float]]) -> np.ndarray:
    out = np.zeros(len(times), dtype=bool)
    for start, end in spans:
        out |= (times >= start) & (times <= end)
    return out


def _voiced(pitch, spans: Sequence[tuple[float, float]]) -> np.ndarray:
    values = pitch.selected_array["frequency"][_inside(pitch.xs(), spans)]
    return values[values > 0]
