"""What a fingerprint counts: runs of characters, small words, and two words in a row with the others hidden."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from pixel.text.style_vector import SMALL

FAMILIES = ("runs_of_3", "runs_of_4", "words", "frames")
MOST = {"runs_of_3": 1500, "runs_of_4": 2500, "words": 200, "frames": 800}
"""The commonest of each family that are counted."""
LEAST_TEXTS = 20
"""Texts a name has to be in."""
HIDDEN = "*"
"""Stands for a word that is not small."""
_TOKENS = re.compile(r"[a-z]+(?:['-][a-z]+)*|[.,?!]")


def count(text: str) -> dict[str, Counter]:
    """
    Every family's counts, in small letters.

    Returns:
        `runs_of_3`, `runs_of_4`: runs of characters, blanks made one, with a blank at either end;
        `words`: small words (of `pixel.text.style_vector.SMALL`) and the marks . , ? !;
        `frames`: two tokens in a row joined by a blank, every other word hidden: `i *`, `* .`, `you know`.
    """
    text = " ".join(text.lower().replace("’", "'").split())
    said = [token if token in SMALL or not token[0].isalpha() else HIDDEN for token in _TOKENS.findall(text)]
    padded = f" {text} "
    return {
        "runs_of_3": _runs(padded, 3),
        "runs_of_4": _runs(padded, 4),
        "words": Counter(token for token in said if token != HIDDEN),
        "frames": Counter(map(" ".join, zip(said, said[1:], strict=False))),
    }


def shares(counts: Mapping[str, Counter], names: Mapping[str, Sequence[str]]) -> np.ndarray:
    """
    Square roots of each name's share of its family's counts, families one after another.

    Args:
        counts: as `count` gives them.
        names: what is counted, a family.

    Returns:
        float64 `[names of all families]` in [0, 1]; 0 where a family is empty.
    """
    out: list[float] = []
    for family in FAMILIES:
        own, total = counts[family], max(1, counts[family].total())
        out += [own.get(name, 0) / total for name in names[family]]
    return np.sqrt(np.array(out, dtype=float))


def commonest(many: Sequence[Mapping[str, Counter]], least: int = LEAST_TEXTS) -> dict[str, tuple[str, ...]]:
    """
    What to count: in every family the names that occur in most texts, ties by the alphabet.

    Args:
        many: counts of many texts.
        least: texts a name has to be in.
    """
    out = {}
    for family in FAMILIES:
        seen = Counter(name for one in many for name in one[family])
        usual = sorted((-texts, name) for name, texts in seen.items() if texts >= least)
        out[family] = tuple(name for _, name in usual[: MOST[family]])
    return out


def _runs(text: str, length: int) -> Counter:
    return Counter(text[start : start + length] for start in range(len(text) - length + 1))
