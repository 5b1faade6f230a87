"""What Whisper made of one clip, in true times, and the signs that it failed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pixel.voice.audio.activity import Activity
from pixel.voice.segment import Word
from pixel.voice.transcription.guards.repetition import repeats
from pixel.voice.transcription.settings import Settings

HOLE = 1.5  # seconds of speech without a word: Whisper stops early in some clips
NEAR = 0.3  # seconds by which a word's edges may be wrong


@dataclass(frozen=True)
class Decoded:
    """
    Attributes:
        start, end: seconds of the clip from the window's start.
        text: of the clip.
        words: with true times; empty without word timestamps.
        mean_logprob, no_speech, compression_ratio, temperature: as in `Segment`.
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...]
    mean_logprob: float
    no_speech: float
    compression_ratio: float
    temperature: float = 0.0

    @property
    def word_probability(self) -> float:
        return sum(word.probability for word in self.words) / len(self.words) if self.words else 0.0

    def failures(self, settings: Settings) -> list[str]:
        """Names of the signs that this decoding failed; empty where all is well."""
        signs = {
            "compression_ratio": self.compression_ratio > settings.most_compression,
            "mean_logprob": self.mean_logprob < settings.least_logprob,
            "word_probability": bool(self.words) and self.word_probability < settings.retry_below,
            "repetition": repeats([word.text for word in self.words]) > 0.3,
        }
        return [name for name, failed in signs.items() if failed]

    def with_words(self, words: Iterable[Word]) -> "Decoded":
        """The same with other words, put in order."""
        words = tuple(sorted(words, key=lambda word: (word.start, word.end)))
        return replace(self, words=words, text="".join(word.text for word in words).strip())


def holes(words: Iterable[Word], activity: Activity, start: float, end: float) -> list[tuple[float, float]]:
    """
    Stretches between two times in which somebody speaks for at least 1.5 s and no word was written.

    Returns:
        Seconds from the window's start, in order.
    """
    found, here = [], start
    for word in [*sorted(words, key=lambda word: word.start), Word("", end + NEAR, end + NEAR, 1.0)]:
        until = min(end, word.start - NEAR)
        if until - here >= HOLE and activity.speech(here, until) >= HOLE:
            found.append((here, until))
        here = max(here, word.end + NEAR)
    return found


def plain_word(word: Any, start: float, end: float) -> Word:
    """Faster Whisper's word at true times, in plain numbers."""
    return Word(word.word, round(float(start), 3), round(float(end), 3), round(float(word.probability), 6))
