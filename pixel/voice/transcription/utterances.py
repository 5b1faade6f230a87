"""Utterances out of Whisper's long segments: sentences, parted at pauses, at most 20 s."""

import re
from collections.abc import Sequence

from pixel.voice.segment import Word

PAUSE = 0.8  # seconds that part two utterances even within a sentence
LONGEST = 20.0
ENDS = ".?!…。？！"
AFTER = "\"'”’)]»"
ABBREVIATED = re.compile(r"[b-df-hj-np-tv-xz]+\.|(\w\.){2,}", re.IGNORECASE)
COMMAS = ",;:—、，；："


def utterances(words: Sequence[Word]) -> list[list[Word]]:
    """
    Args:
        words: of one decoding, in order of time.

    Returns:
        The words in groups, none empty, none longer than 20 s unless it is one word.
    """
    groups: list[list[Word]] = []
    for word in words:
        if groups and not parted(groups[-1][-1], word):
            groups[-1].append(word)
        else:
            groups.append([word])
    return [part for group in groups for part in short_enough(group)]


def parted(before: Word, after: Word) -> bool:
    """
    Whether an utterance ends between two words: after a long pause, or after a sentence.

    A full stop behind a word without a vowel (`Mr.`, `Dr.`, `St.`), or with another inside (`U.S.`), ends no sentence.
    """
    pause = after.start - before.end
    if pause >= PAUSE:
        return True
    text = before.text.strip().rstrip(AFTER)
    if not text or text[-1] not in ENDS:
        return False
    following = after.text.strip().lstrip("\"'“‘([«")
    if following[:1].islower():
        return False
    return text[-1] != "." or not ABBREVIATED.fullmatch(text)


def short_enough(words: list[Word]) -> list[list[Word]]:
    """Parts what is longer than 20 s near its middle where the pause is longest; a comma counts as 0.3 s."""
    if len(words) < 2 or words[-1].end - words[0].start <= LONGEST:
        return [words]
    start, length = words[0].start, words[-1].end - words[0].start

    def worth(place: int) -> float:
        before, after = words[place - 1], words[place]
        comma = 0.3 if before.text.strip()[-1:] in tuple(COMMAS) else 0.0
        return after.start - before.end + comma - abs((before.end - start) / length - 0.5)

    cut = max(range(1, len(words)), key=worth)
    return short_enough(words[:cut]) + short_enough(words[cut:])
