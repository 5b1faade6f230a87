"""Diarization error rate: how much of the speech is missed, invented, or given to the wrong speaker."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

FRAME = 0.01


class ErrorRate(NamedTuple):
    """
    Seconds.

    Attributes:
        missed: somebody spoke and nobody was found.
        invented: somebody was found and nobody spoke.
        confused: somebody was found who is somebody else.
        speech: of all speakers; two who talk at once count twice.
    """

    missed: float
    invented: float
    confused: float
    speech: float

    @property
    def rate(self) -> float:
        """Of all speech; may be above 1."""
        return (self.missed + self.invented + self.confused) / self.speech if self.speech else 0.0


def error_rate(
    true: Sequence[tuple[float, float, object]], found: Sequence[tuple[float, float, object]], collar: float = 0.0
) -> ErrorRate:
    """
    Speakers are matched one to one so that the rate is least, in frames of 10 ms.

    Args:
        true: start, end, speaker.
        found: likewise; other names for the speakers.
        collar: seconds before and after each true start and end that do not count.

    Source: NIST, "The Rich Transcription 2006 evaluation plan"; speech of several at once counts.
    """
    from scipy.optimize import linear_sum_assignment

    frames = round(max([end for _, end, _ in [*true, *found]], default=0.0) / FRAME)
    right, guess = _frames(true, frames), _frames(found, frames)
    counts = np.ones(frames, bool)
    for edge in (edge for start, end, _ in true for edge in (start, end)) if collar else ():
        counts[max(0, round((edge - collar) / FRAME)) : round((edge + collar) / FRAME)] = False
    right, guess = right[counts], guess[counts]
    shared = right.T.astype(float) @ guess.astype(float)
    pairs = zip(*linear_sum_assignment(-shared), strict=True)
    hits = sum(shared[pair] for pair in pairs)
    spoke, heard = right.sum(1), guess.sum(1)
    missed, invented = np.maximum(spoke - heard, 0).sum(), np.maximum(heard - spoke, 0).sum()
    confused = np.minimum(spoke, heard).sum() - hits
    return ErrorRate(*(float(count) * FRAME for count in (missed, invented, confused, spoke.sum())))


def _frames(turns: Sequence[tuple[float, float, object]], frames: int) -> np.ndarray:
    """Bool `[frames, speakers]`."""
    names = sorted({str(name) for *_, name in turns})
    spoken = np.zeros((frames, len(names)), bool)
    for start, end, name in turns:
        spoken[round(start / FRAME) : round(end / FRAME), names.index(str(name))] = True
    return spoken
