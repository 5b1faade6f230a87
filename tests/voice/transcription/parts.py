"""Words, segments and voice activity made by hand."""

import numpy as np

from pixel.voice.audio.activity import FRAME, RATE, Activity
from pixel.voice.segment import Segment, Word


def words(text: str, start: float = 0.0, each: float = 0.4, gap: float = 0.0, probability: float = 0.9) -> list[Word]:
    """A word after the other; ` | ` in the text is a pause of a second."""
    found, here = [], start
    for part in text.split():
        if part == "|":
            here += 1.0
            continue
        found.append(Word(" " + part, here, here + each, probability))
        here += each + gap
    return found


def segment(text: str, start: float = 0.0, **more) -> Segment:
    said = tuple(words(text, start))
    return Segment("a.wav", said[0].start, said[-1].end, text, said, **more)


def activity(seconds: float, *speech: tuple[float, float], sure: float = 0.95) -> Activity:
    """Speech in these stretches of seconds alone."""
    probabilities = np.full(-(-round(seconds * RATE) // FRAME), 0.02, np.float32)
    for start, end in speech:
        probabilities[round(start * RATE / FRAME) : round(end * RATE / FRAME)] = sure
    return Activity(probabilities, round(seconds * RATE))
