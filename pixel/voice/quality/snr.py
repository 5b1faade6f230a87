"""Signal-to-noise ratio without a clean reference: what stays, band by band, where the talker leaves a gap."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

WINDOW_SECONDS, HOP_SECONDS, BANDS = 0.032, 0.016, 24
QUIET_SHARE = 0.2
"""
The quietest share of the time in a band is taken for noise. Set by hand, after the recordings of
`pixel.benchmarks.voice.noise_ladder` had been looked at: its r there is no held-out figure. On a fifth of them r was
.948 with .1, .959 with .15, .967 with .2, .972 with .25 and .973 with .3; .2 is not the best of these. A machine's
voice in an echoing room leaves shorter gaps than that.
"""
SMOOTHED_FRAMES = 4  # a gap must last 80 ms, so that single quiet periods of noise are not taken for its level
NOISE_BIAS = 1.1  # set by hand; the mean of stationary noise is 1.09 (hum), 1.2 (white) or 1.5 (pink) of its quantile
ACTIVE_MARGIN = 10 ** (-15.9 / 10)  # ITU-T P.56: speech is active down to 15.9 dB below its active level
LEAST_SECONDS = 0.4
LOWEST, HIGHEST = -20.0, 80.0
_ZERO, _ZERO_RUN_SECONDS = 2.0**-16, 0.005  # below half a step of 16 bits for 5 ms: digital silence, not a noise floor


def snr_db(
    samples: np.ndarray,
    rate: int = 16_000,
    speech: Sequence[tuple[float, float]] | None = None,
    quiet_share: float = QUIET_SHARE,
) -> float | None:
    r"""
    Level of the speech while it is active over the level of the noise.

    .. math:: 10 \log_{10} \frac{\mathrm{mean}_{t \in \text{active}} \max(0, P_t - N)}{N}, \qquad
        N = 1.1 \sum_b Q_{.2}\big(\bar P_{t,b}\big)

    where :math:`P_{t,b}` is the power of a 32 ms frame in a mel band, the bar a mean over 80 ms and Q a quantile over
    time. Bands are quiet at different times, so that hum, hiss and a rumble are found beneath talk without pauses.

    Args:
        samples: float `[samples]`, mono.
        rate: samples a second.
        speech: where somebody speaks, in seconds; other frames do not count as speech. Without: active frames.
        quiet_share: in (0, 1), of the time in a band that is taken for noise.

    Returns:
        dB in [-20, 80]; `None` below 0.4 s of sound (digital silence is left out) or without any speech.

    Falls short: a talker without gaps reads low (espeak-ng without any noise: 10 to 15 dB). Other people talking is
    noise that pauses when people pause: with 10 dB of it the estimate says 14, and at 0 dB and below it stays near 7,
    because the loudest of the babble is then taken for the speech.

    Source: quantile noise floors, Stahl, Fischer & Bippus, ICASSP 2000; active level, ITU-T P.56.
    """
    power, kept = _frame_powers(np.asarray(samples, dtype=np.float32), rate)
    if kept.sum() * HOP_SECONDS < LEAST_SECONDS or power[kept].max(initial=0.0) <= 0:
        return None
    noise = NOISE_BIAS * float(np.quantile(_smoothed(power[kept]), quiet_share, axis=0).sum())
    allowed = kept if speech is None else kept & _inside(speech, len(power))
    clean = np.maximum(power[allowed].sum(axis=1) - noise, 0.0)
    level = _active_power(clean)
    if level <= 0:
        return None
    if noise <= 0:
        return HIGHEST
    return float(np.clip(10 * np.log10(level / noise), LOWEST, HIGHEST))


def _frame_powers(samples: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Power `[frames, bands]` and which frames `[frames]` hold sound rather than digital silence."""
    size, hop = round(WINDOW_SECONDS * rate), round(HOP_SECONDS * rate)
    if len(samples) < size:
        return np.zeros((0, BANDS)), np.zeros(0, dtype=bool)
    samples = samples - samples.mean()
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
    spectrum = np.fft.rfft(frames * np.hanning(size).astype(np.float32), axis=1)
    lines = spectrum.real**2 + spectrum.imag**2
    power = np.add.reduceat(lines, _band_starts(rate, size), axis=1).astype(np.float64)
    silent = np.concatenate([[0], np.cumsum(_digital_silence(samples, rate))])
    starts = np.arange(len(frames)) * hop
    return power, silent[starts + size] - silent[starts] < 0.1 * size


@lru_cache(maxsize=8)
def _band_starts(rate: int, size: int) -> np.ndarray:
    """First spectral line of every mel band."""
    lines = np.fft.rfftfreq(size, 1 / rate)
    mel = 2595 * np.log10(1 + lines / 700)
    edges = np.linspace(0, mel[-1], BANDS, endpoint=False)
    return np.unique(np.searchsorted(mel, edges))  # low bands narrower than a line fall together


def _digital_silence(samples: np.ndarray, rate: int) -> np.ndarray:
    """Which samples lie in a run of 5 ms without a change: a gap that software left, not the room."""
    still = np.abs(np.diff(samples, prepend=samples[:1])) < _ZERO
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.view(np.int8), [0]]))).reshape(-1, 2)
    silent = np.zeros(len(samples), dtype=bool)
    for start, end in edges[edges[:, 1] - edges[:, 0] >= _ZERO_RUN_SECONDS * rate]:
        silent[start:end] = True
    return silent


def _smoothed(power: np.ndarray) -> np.ndarray:
    """Running mean over `SMOOTHED_FRAMES`, `[frames - 3, bands]`."""
    sums = np.cumsum(np.vstack([np.zeros((1, power.shape[1])), power]), axis=0)
    width = min(SMOOTHED_FRAMES, len(power))
    return (sums[width:] - sums[:-width]) / width


def _inside(spans: Sequence[tuple[float, float]], frames: int) -> np.ndarray:
    """Which frames have their middle in one of the spans."""
    middles = np.arange(frames) * HOP_SECONDS + WINDOW_SECONDS / 2
    inside = np.zeros(frames, dtype=bool)
    for start, end in spans:
        inside |= (middles >= start) & (middles <= end)
    return inside


def _active_power(clean: np.ndarray) -> float:
    """Mean power of the frames within the margin of that mean; found by narrowing from all frames with speech."""
    active = clean[clean > 0]
    for _ in range(8):
        if not len(active):
            return 0.0
        level = float(active.mean())
        narrowed = clean[clean > level * ACTIVE_MARGIN]
        if len(narrowed) == len(active):
            break
        active = narrowed
    return float(active.mean()) if len(active) else 0.0
