"""Words where nobody speaks, or where there is no sound at all."""

import numpy as np

from pixel.voice.audio.activity import RATE, Activity

LEAST_SHARE = 0.2  # of an utterance that must be speech
SURE = 0.6  # and one frame of it must be surer than this: tones that pass for speech stay below
FLOOR = -75.0  # dBFS; 16 bits end at -98


def nobody_speaks(activity: Activity, start: float, end: float) -> bool:
    """Whether voice activity is absent between two times in seconds from the window's start."""
    return activity.share(start, end) < LEAST_SHARE or activity.highest(start - 0.2, end + 0.2) < SURE


def silent(samples: np.ndarray, start: float, end: float) -> bool:
    """Whether the loudest 0.1 s between two times is near digital silence."""
    part = samples[max(0, round(start * RATE)) : round(end * RATE)]
    frame = RATE // 10
    if not len(part):
        return True
    padded = np.pad(part, (0, -len(part) % frame)).reshape(-1, frame).astype(np.float64)
    return bool(10 * np.log10((padded**2).mean(1).max() + 1e-20) < FLOOR)
