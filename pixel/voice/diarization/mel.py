"""The spectrogram that the speaker encoder was trained on."""

from functools import lru_cache

import numpy as np

RATE, WINDOW, HOP, BANDS = 16_000, 400, 160, 40
"""Samples a second, a window (25 ms) and a step (10 ms); bands up to 8 kHz."""
TOP = 15 + np.log(8) * 27 / np.log(6.4)
"""8 kHz on Slaney's scale, which is linear up to 1 kHz (15 mel) and logarithmic above."""


def mel_spectrogram(samples: np.ndarray) -> np.ndarray:
    """
    Power in 40 mel bands, not its logarithm. Equals librosa's `melspectrogram(n_fft=400, hop_length=160, n_mels=40)`.

    Args:
        samples: float `[samples]` at 16 kHz.

    Returns:
        float32 `[samples // 160 + 1, 40]`; frame `i` is centred on sample `160 i`.

    Source: Slaney, "Auditory Toolbox", 1998; https://librosa.org/doc/latest/generated/librosa.filters.mel.html
    """
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples.astype(np.float64), WINDOW // 2), WINDOW)[::HOP]
    hann = np.hanning(WINDOW + 1)[:-1]
    return ((np.abs(np.fft.rfft(frames * hann)) ** 2) @ _bands().T).astype(np.float32)


@lru_cache(maxsize=1)
def _bands() -> np.ndarray:
    """Float `[40, 201]`: triangles evenly spaced on Slaney's scale, each of area 1."""
    edges = _hertz(np.linspace(0, TOP, BANDS + 2))
    at = np.fft.rfftfreq(WINDOW, 1 / RATE)
    width = np.diff(edges)[:, None]
    rising = (at - edges[:-2, None]) / width[:-1]
    falling = (edges[2:, None] - at) / width[1:]
    return np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]


def _hertz(mel: np.ndarray) -> np.ndarray:
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))
