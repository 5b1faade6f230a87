"""All guards over the utterances of a window."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pixel.voice.audio.activity import Activity
from pixel.voice.segment import Segment
from pixel.voice.transcription.guards.confidence import doubts
from pixel.voice.transcription.guards.rate import too_fast
from pixel.voice.transcription.guards.repetition import again, repeats
from pixel.voice.transcription.guards.speech import nobody_speaks, silent
from pixel.voice.transcription.settings import Settings

LOOP = 0.5  # share of an utterance


def guard(
    segments: Sequence[Segment], samples: np.ndarray, activity: Activity, settings: Settings
) -> tuple[list[Segment], list[Segment]]:
    """
    Args:
        segments: utterances of one window, in order, times from the window's start.
        samples: the window.
        activity: of the window.

    Returns:
        What stays, and what goes with the names of its signs in `flags`: `no_voice`, `silence`, `repetition`,
        `repeated_sentence`, `rate`, `no_speech`, `compression_ratio`, `word_probability`.
    """
    kept, dropped = [], []
    for segment, repeated in zip(segments, again([one.text for one in segments]), strict=True):
        signs = {
            "no_voice": nobody_speaks(activity, segment.start, segment.end),
            "silence": silent(samples, segment.start - 0.2, segment.end + 0.2),
            "repetition": repeats(segment.text.split()) > LOOP,
            "repeated_sentence": repeated,
            "rate": too_fast(segment.words),
        }
        found = [name for name, shown in signs.items() if shown] + doubts(segment, settings)
        if found:
            dropped.append(replace(segment, flags=(*segment.flags, *found)))
        else:
            kept.append(segment)
    return kept, dropped
