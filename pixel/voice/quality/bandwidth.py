"""Bandwidth: up to which frequency a recording carries anything; telephones and old codecs stop at 4 kHz or below."""

import numpy as np

DEPTH_DB = 55.0
"""Below the spectrum's crest. Consonants of wide-band speech lie 20 to 50 dB under it, what a low-pass leaves 60."""
WINDOW, SMOOTHED_LINES = 512, 5
LOUDEST_SHARE = 0.05  # of the frames at each frequency: an `s` is short
FRAMES = 2000  # at most this many, spread evenly: a spectrum needs no more


def bandwidth_hz(samples: np.ndarray, rate: int = 16_000) -> float | None:
    """
    Highest frequency at which the loudest twentieth of the frames comes within 55 dB of the spectrum's crest.

    Args:
        samples: float `[samples]`, mono.
        rate: samples a second.

    Returns:
        Hz in (0, rate / 2]; `None` below a fifth of a second or for digital silence.

    Falls short: noise counts as well, so that hiss recorded after a telephone line hides the line.
    """
    samples = np.asarray(samples, dtype=np.float32)
    if len(samples) < max(WINDOW, 0.2 * rate):
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples - samples.mean(), WINDOW)[:: WINDOW // 2]
    frames = frames[:: max(1, len(frames) // FRAMES)]
    spectrum = np.fft.rfft(frames * np.blackman(WINDOW).astype(np.float32), axis=1)
    power = np.quantile(spectrum.real**2 + spectrum.imag**2, 1 - LOUDEST_SHARE, axis=0)
    if power.max() <= 0:
        return None
    power = np.convolve(power, np.ones(SMOOTHED_LINES) / SMOOTHED_LINES, mode="same")
    heard = np.flatnonzero(power >= power.max() * 10 ** (-DEPTH_DB / 10))
    return float(min(rate / 2, (heard[-1] + 0.5) * rate / WINDOW))
