"""Loops: the same few words over and over, or the same sentence again and again."""

import re
from collections.abc import Sequence

LONGEST_LOOP = 12  # words
TIMES = {1: 8, 2: 5}  # of a word, of two words; four times of anything longer
SENTENCES = 4  # the same sentence of three words or more, one after the other; of fewer words, twice as often


def plain(text: str) -> str:
    """Lower case, letters and digits alone."""
    return " ".join(re.findall(r"[\w']+", text.lower()))


def repeats(words: Sequence[str]) -> float:
    """
    How much of a text is a loop, see `looped`.

    Returns:
        Share of the words in [0, 1].

    Example:
        >>> repeats("and then and then and then and then and then we left".split())
        0.8333333333333334
    """
    loops = [loop for loop, word in zip(looped(words), words, strict=True) if plain(word)]
    return sum(loops) / len(loops) if loops else 0.0


def looped(words: Sequence[str]) -> list[bool]:
    """
    For each word whether it is in a loop: one to twelve words that follow on themselves at least four times (two words
    five times, one word eight times, since people do say "no, no, no").
    """
    places = [place for place, word in enumerate(words) if plain(word)]
    said, found = [plain(words[place]) for place in places], [False] * len(words)
    for size in range(1, min(LONGEST_LOOP, len(said) // 2) + 1):
        place = 0
        while place + size < len(said):
            end = place + size
            while end < len(said) and said[end] == said[end - size]:
                end += 1
            if (end - place) // size >= TIMES.get(size, 4):
                for inside in places[place:end]:
                    found[inside] = True
                place = end
            else:
                place += max(1, end - place - size + 1)
    return found


def again(texts: Sequence[str]) -> list[bool]:
    """For each sentence, whether it only says once more what a run of the same sentences has said already."""
    forms, found = [plain(text) for text in texts], [False] * len(texts)
    start = 0
    for place in range(1, len(forms) + 1):
        if place < len(forms) and forms[place] == forms[start]:
            continue
        needed = SENTENCES if len(forms[start].split()) >= 3 else 2 * SENTENCES
        if place - start >= needed:
            found[start + 1 : place] = [True] * (place - start - 1)
        start = place
    return found
