"""More words than a mouth can say, or words that take no time."""

from collections.abc import Sequence

from pixel.voice.segment import Word

WORDS_A_SECOND = 9.0  # fast speech has 5 to 6
LETTERS_A_SECOND = 45.0
INSTANT = 0.025  # seconds; Whisper's times lie on 0.02
AT_LEAST = 4  # words; the times of fewer are too coarse


def too_fast(words: Sequence[Word]) -> bool:
    """Whether four words or more go by faster than anybody speaks, or most of them have no length."""
    if len(words) < AT_LEAST:
        return False
    seconds = max(words[-1].end - words[0].start, 0.02)
    letters = sum(len(word.text.strip()) for word in words)
    instant = sum(word.end - word.start < INSTANT for word in words)
    return len(words) / seconds > WORDS_A_SECOND or letters / seconds > LETTERS_A_SECOND or instant > len(words) / 2
