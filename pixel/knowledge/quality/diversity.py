"""How varied texts are: the share of distinct word runs."""

import re
from collections.abc import Iterable

_WORDS = re.compile(r"\w+(?:['’]\w+)*")


def distinct_n(texts: Iterable[str], n: int = 2) -> float | None:
    r"""
    Distinct runs of `n` words over all of them.

    .. math:: \text{distinct-}n = \frac{|\{\text{runs}\}|}{\#\text{runs}}

    It falls as a set grows, so compare sets of like size only.

    Returns:
        in (0, 1], or `None` where no text has `n` words.

    Source: Li et al., "A diversity-promoting objective function for neural conversation models", NAACL 2016.
    """
    seen, count = set(), 0
    for text in texts:
        words = _WORDS.findall(text.lower())
        for start in range(len(words) - n + 1):
            seen.add(tuple(words[start : start + n]))
            count += 1
    return len(seen) / count if count else None
