"""Bias by counterfactual swaps: the same words from somebody else should get the same answer."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

SWAPS = Path(__file__).with_name("bias_swaps.yaml")
Score = Callable[[Sequence[str]], Sequence[float]]
"""From texts to one number each, such as the probability of a category, of a treatment, or a score of empathy."""


class Swap(NamedTuple):
    """A text as somebody of another group would have said it."""

    axis: str
    group: str
    text: str


class Gap(NamedTuple):
    """
    How far a score moves along one axis.

    Attributes:
        axis, group: `group` is compared with the mean over all groups of the axis.
        difference: mean over texts.
        interval: 95 percent, bootstrap by text; `None` for a single text.
        share: of texts whose score moves by more than `tolerance`.
        texts: their number.
        biased: the interval leaves out 0 and the difference is beyond the tolerance.
    """

    axis: str
    group: str
    difference: float
    interval: tuple[float, float] | None
    share: float
    texts: int
    biased: bool


@lru_cache(maxsize=1)
def axes() -> Mapping[str, Mapping]:
    """Axes, groups and words that ship with Pixel."""
    from pixel.knowledge.yaml_files import read_yaml

    return read_yaml(SWAPS)


def swaps(text: str, axis: str) -> list[Swap]:
    """
    The text once for every group of an axis. Words of any group are swapped; where there are none, a sentence that
    says it is put in front of every version, so that all are changed alike.

    "her" becomes "his" before a word that can be owned and "him" elsewhere; case is kept. An empty text has no swaps.

    Raises:
        KeyError: no such axis.
    """
    if not text.strip():
        return []
    known = axes()[axis]
    places = {word.lower(): place for words in known["groups"].values() for place, word in enumerate(words)}
    pattern = _pattern(axis)
    if not pattern.search(text):
        return [Swap(axis, group, f"{known['says'][group]} {text}") for group in known["groups"]]
    out = []
    for group, words in known["groups"].items():

        def other(match: re.Match, words=words, group=group) -> str:
            said = match.group()
            if axis == "gender":
                return _as(said, _gendered(said.lower(), group, text[match.end() :], places, words))
            new = words[places[said.lower()]]
            return new if new[0].isupper() else _as(said, new)

        out.append(Swap(axis, group, pattern.sub(other, text)))
    return out


def bias_table(
    score: Score, texts: Sequence[str], chosen: Sequence[str] | None = None, tolerance: float = 0.05, seed: int = 0
) -> list[Gap]:
    """
    Measure a score on swapped texts. Run it for diagnosis, treatment and empathy apart: one can be fair, another not.

    Args:
        score: texts -> numbers; called once an axis.
        texts: any number; empty ones are passed over.
        chosen: axes; default: all.
        tolerance: a difference that matters, on the score's own scale.
        seed: of the bootstrap.

    Returns:
        a row for every axis and group.
    """
    out = []
    for axis in chosen or axes():
        groups = list(axes()[axis]["groups"])
        versions = [swaps(text, axis) for text in texts if text.strip()]
        if not versions:
            continue
        given = np.array(score([swap.text for many in versions for swap in many]), dtype=float)
        table = given.reshape(len(versions), len(groups))
        away = table - table.mean(1, keepdims=True)
        generator = np.random.default_rng(seed)
        for column, group in enumerate(groups):
            own, interval = away[:, column], None
            if len(own) > 1:
                drawn = own[generator.integers(len(own), size=(1000, len(own)))].mean(1)
                interval = float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))
            mean = float(own.mean())
            sure = interval is not None and (interval[0] > 0 or interval[1] < 0)
            share = float((np.abs(own) > tolerance).mean())
            out.append(Gap(axis, group, mean, interval, share, len(own), sure and abs(mean) > tolerance))
    return out


def averaged(score: Score, chosen: Sequence[str] | None = None) -> Score:
    """
    The same score without the bias, at the price of more calls: the mean over texts swapped along all axes at once.

    Version `k` takes group `k` (modulo their number) of every axis, so all versions of a text that differ by one axis
    have the same set of swaps, and the same mean.
    """
    used = list(chosen or axes())
    count = max(len(axes()[axis]["groups"]) for axis in used)

    def versions(text: str) -> list[str]:
        out = []
        for number in range(count if text.strip() else 0):
            version = text
            for axis in used:
                version = swaps(version, axis)[number % len(axes()[axis]["groups"])].text
            out.append(version)
        return out or [text]

    def fair(texts: Sequence[str]) -> list[float]:
        many = [versions(text) for text in texts]
        given = iter(score([version for one in many for version in one]))
        return [float(np.mean([next(given) for _ in one])) for one in many]

    return fair


def as_markdown(gaps: Sequence[Gap]) -> str:
    """The rows as a table."""
    lines = ["| axis | group | difference | interval | moved | texts | |", "|---|---|---|---|---|---|---|"]
    for gap in gaps:
        interval = f"{gap.interval[0]:+.3f} to {gap.interval[1]:+.3f}" if gap.interval else "-"
        mark = "biased" if gap.biased else ""
        cells = (gap.axis, gap.group, f"{gap.difference:+.3f}", interval, f"{gap.share:.0%}", str(gap.texts), mark)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


@lru_cache
def _pattern(axis: str) -> re.Pattern:
    words = {word for words in axes()[axis]["groups"].values() for word in words}
    longest = sorted(map(re.escape, words), key=len, reverse=True)
    # names and faiths are written with a capital; "Will", "will" or "may" are not to be mixed up
    flags = re.NOFLAG if axis == "name" else re.IGNORECASE
    return re.compile(rf"(?<![\w-])(?:{'|'.join(longest)})(?![\w-])", flags)


def _gendered(said: str, group: str, after: str, places: Mapping[str, int], words: Sequence[str]) -> str:
    """The word "her" stands for "him" and "his", and "his" for "her" and "hers": what follows decides."""
    owns = re.match(
        r"\s+(?!and\b|or\b|but\b|to\b|in\b|on\b|at\b|for\b|with\b|so\b|that\b|when\b|if\b|again\b)\w", after
    )
    if said == "her" and group == "male":
        return "his" if owns else "him"
    if said == "his" and group == "female":
        return "her" if owns else "hers"
    if said in ("him", "his", "her", "hers") and said in words:
        return said
    if said == "him":
        return "her"
    if said == "hers":
        return "his"
    return words[places[said]]


def _as(said: str, new: str) -> str:
    if said.isupper() and len(said) > 1:
        return new.upper()
    return new[0].upper() + new[1:] if said[0].isupper() else new
