"""Active speech level: how loud a talker is while talking, so that pauses do not make speech look quiet."""

import numpy as np

MARGIN_DB = 15.9
TIME_CONSTANT, HANGOVER = 0.03, 0.2


def active_level(samples: np.ndarray, rate: int = 16_000) -> tuple[float, float] | None:
    """
    Level of the active parts and their share, of clean speech (of noisy speech it is the level of the mixture).

    Args:
        samples: float `[samples]`, full scale 1.
        rate: samples a second.

    Returns:
        (dB relative to full scale, share of the time that is active in (0, 1]); `None` for digital silence.

    Source: ITU-T P.56 (12/2011), method B: two exponential averages of 30 ms, activity counted at thresholds an octave
    apart with a hangover of 200 ms, read where level and threshold are 15.9 dB apart (log-linear between two).
    """
    from scipy.signal import lfilter

    samples = np.asarray(samples, dtype=np.float64)
    energy = float(np.sum(samples**2))
    if energy <= 0:
        return None
    fade = np.exp(-1 / (rate * TIME_CONSTANT))
    envelope = np.abs(samples)
    for _ in range(2):
        envelope = lfilter([1 - fade], [1, -fade], envelope)
    thresholds = 2.0 ** np.arange(-1, -17, -1)  # from half of full scale down to 16 bits
    previous = None
    for threshold in thresholds:
        active = _with_hangover(envelope >= threshold, round(HANGOVER * rate))
        if not active:
            continue
        level, gate = 10 * np.log10(energy / active), 20 * np.log10(threshold)
        if level - gate >= MARGIN_DB:
            if previous is None:
                return float(level), active / len(samples)
            return _between(previous, (level, gate), energy, len(samples))
        previous = (level, gate)
    level = previous[0] if previous else 10 * np.log10(energy / len(samples))
    return float(level), float(energy / 10 ** (level / 10) / len(samples))


def _with_hangover(above: np.ndarray, hangover: int) -> int:
    """How many samples are above, or were within the hangover before."""
    if not above.any():
        return 0
    last = np.maximum.accumulate(np.where(above, np.arange(len(above)), -hangover - 1))
    return int(np.count_nonzero(np.arange(len(above)) - last <= hangover))


def _between(below: tuple[float, float], over: tuple[float, float], energy: float, size: int) -> tuple[float, float]:
    """Level where the distance to the threshold is the margin, between two thresholds."""
    gap_below, gap_over = below[0] - below[1], over[0] - over[1]
    share = (MARGIN_DB - gap_below) / (gap_over - gap_below)
    level = below[0] + share * (over[0] - below[0])
    return float(level), float(energy / 10 ** (level / 10) / size)
