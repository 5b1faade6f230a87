"""Segments with times that a reader can check by hand, and read-outs of turns."""

from pixel.models.labels import EMOTIONS
from pixel.voice.segment import Segment, Word


def said(
    start: float, words: str, speaker: str | None = "S1", each: float = 0.2, gaps: dict[int, float] | None = None
):
    """A segment in which every word lasts `each` seconds; `gaps` says how long the pause before the n-th word is."""
    at, out = start, []
    for number, word in enumerate(words.split()):
        at += (gaps or {}).get(number, 0.0)
        out.append(Word(f" {word}", at, at + each, 0.9))
        at += each
    return Segment("talk.wav", start, at, words, tuple(out), speaker=speaker)


def record(valence=0.5, arousal=0.5, **labels):
    """A turn as a reader tells it."""
    shown = dict.fromkeys(EMOTIONS, 0.0) | labels
    return {"emotion": {"labels": shown, "vad": {"valence": valence, "arousal": arousal, "dominance": 0.4}}}
