"""Naturalness of a dialogue: do its turns follow one another as people's do?"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from pixel.voice.personality.consistency.fitted_file import load_fitted, save_fitted
from pixel.voice.personality.consistency.likeness import WEIGHTS

FILE = WEIGHTS / "naturalness.json"
LEAST_TURNS = 3
MARKS = ("openings", "near", "nearer", "told")
OPENINGS = 300
"""Commonest first words that are counted; all others are one."""
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

Encode = Callable[[Sequence[str]], np.ndarray]
Told = Callable[[Sequence[tuple[str, str]]], np.ndarray]


@dataclass(frozen=True)
class Naturalness:
    """
    Fitted on people's dialogues, and on the same with their turns in any order or answered by somebody else's.

    Attributes:
        openings: first word -> log-ratio of how often a turn begins with it after a question and otherwise.
        mean, spread: of each mark.
        weights: of each mark, by which marks there are (`openings`, `openings near nearer`, all); with `intercept`.
        lengths: mean and standard deviation, over people's dialogues, of the mean and of the spread of their turns'
            lengths (log of words): `[[mean, sd], [mean, sd]]`.
    """

    openings: Mapping[str, float]
    mean: Mapping[str, float]
    spread: Mapping[str, float]
    weights: Mapping[str, Mapping[str, float]]
    lengths: Sequence[Sequence[float]]

    def read(
        self, messages: Sequence[Mapping[str, str]], encode: Encode | None = None, told: Told | None = None
    ) -> dict[str, float | None]:
        """
        Args:
            messages: `{"role", "content"}`; a system message is passed by.
            encode: sentences to vectors of length 1, e.g. of `pixel.text.sentence_encoder`.
            told: see `dialogue_marks`.

        Returns:
            `natural`: probability in (0, 1) that this is people's dialogue and no rearranged one, where before looking
            both are equally likely; `lengths`: how unusual the turns' lengths are, in standard deviations; and the
            marks. `None` where there are fewer than three turns.
        """
        found = dialogue_marks(messages, self.openings, encode, told)
        known = {name for name in MARKS if found[name] is not None}
        names = max((key.split() for key in self.weights if known.issuperset(key.split())), key=len, default=[])
        out: dict[str, float | None] = {"natural": None, "lengths": _unusual(messages, self.lengths)} | found
        if names:
            weights = self.weights[" ".join(names)]
            z = [(found[name] - self.mean[name]) / self.spread[name] for name in names]
            logit = weights["intercept"] + sum(weights[name] * x for name, x in zip(names, z, strict=True))
            out["natural"] = float(1 / (1 + np.exp(-logit)))
        return out

    def save(self, file: str | Path = FILE) -> None:
        """As JSON; numbers to six digits."""
        save_fitted(self, file)

    @classmethod
    def load(cls, file: str | Path = FILE) -> "Naturalness":
        """
        Raises:
            FileNotFoundError: it is not there.
            ValueError: it is not what `save` wrote.
        """
        return load_fitted(cls, file, "reference of naturalness")


def dialogue_marks(
    messages: Sequence[Mapping[str, str]],
    openings: Mapping[str, float],
    encode: Encode | None = None,
    told: Told | None = None,
) -> dict[str, float | None]:
    """
    What relates each turn to the one before, averaged over a dialogue.

    Args:
        messages: `{"role", "content"}`.
        openings: see `Naturalness`.
        encode: for `near` and `nearer`.
        told: pairs of (turn before, turn) -> nats a token by which the turn is likelier after it than alone, by a
            causal language model; for `told`.

    Returns:
        `openings`: how much the first words fit a question, or none, before them; `near`: mean cosine of neighbours;
        `nearer`: that less the mean cosine of turns further apart; `told`. `None` where it cannot be said.
    """
    said = _said(messages)
    out: dict[str, float | None] = dict.fromkeys(MARKS)
    if len(said) < LEAST_TURNS:
        return out
    pairs = list(zip(said, said[1:], strict=False))
    fits = [openings.get(_first(turn), 0.0) * (1 if _asks(before) else -1) for before, turn in pairs]
    out["openings"] = float(np.mean(fits))
    if encode is not None:
        vectors = np.asarray(encode(said), dtype=float)
        alike = vectors @ vectors.T
        apart = alike[np.triu_indices(len(said), 2)]
        out["near"] = float(np.diagonal(alike, 1).mean())
        out["nearer"] = out["near"] - float(apart.mean())
        if told is not None:
            out["told"] = float(np.mean(told(pairs)))
    return out


def fit_openings(
    dialogues: Sequence[Sequence[Mapping[str, str]]], most: int = OPENINGS, least: int = 1
) -> dict[str, float]:
    """
    Log-ratio of first words after a question and otherwise, in people's dialogues; one is added to each count.

    Args:
        dialogues: messages of each.
        most: words at most, the commonest.
        least: turns that must begin with a word; rare ones say little, and may be names.
    """
    after: dict[bool, Counter] = {True: Counter(), False: Counter()}
    for messages in dialogues:
        said = _said(messages)
        for before, turn in zip(said, said[1:], strict=False):
            after[_asks(before)][_first(turn)] += 1
    names = [name for name, count in (after[True] + after[False]).most_common(most) if count >= least]
    total = {asked: sum(counts.values()) + len(names) for asked, counts in after.items()}
    return {
        name: float(np.log((after[True][name] + 1) / total[True]) - np.log((after[False][name] + 1) / total[False]))
        for name in names
    }


def fit_naturalness(
    real: Sequence[Mapping[str, float | None]],
    changed: Sequence[Mapping[str, float | None]],
    openings: Mapping[str, float],
    people: Sequence[Sequence[Mapping[str, str]]],
) -> Naturalness:
    """
    Args:
        real, changed: `dialogue_marks` of people's dialogues and of rearranged ones.
        openings: the marks were taken with.
        people: dialogues that lengths are learnt from.
    """
    from sklearn.linear_model import LogisticRegression

    rows, same = [*real, *changed], np.r_[np.ones(len(real)), np.zeros(len(changed))]
    mean, spread, weights = {}, {}, {}
    for names in (MARKS[:1], MARKS[:3], MARKS):
        table = np.array([[np.nan if row[name] is None else row[name] for name in names] for row in rows], dtype=float)
        known = ~np.isnan(table).any(1)
        if known.sum() < 20 or len(set(same[known])) < 2:
            continue
        for name, column in zip(names, table[known].T, strict=True):
            mean.setdefault(name, float(column.mean()))
            spread.setdefault(name, float(column.std()) or 1.0)
        z = (table[known] - [mean[name] for name in names]) / [spread[name] for name in names]
        model = LogisticRegression(class_weight="balanced").fit(z, same[known])
        row = dict(zip(names, model.coef_[0].tolist(), strict=True))
        weights[" ".join(names)] = row | {"intercept": float(model.intercept_[0])}
    shapes = np.array([shape for one in people if (shape := _shape(one)) is not None])
    lengths = [[float(column.mean()), float(column.std()) or 1.0] for column in shapes.T]
    return Naturalness(dict(openings), mean, spread, weights, lengths)


@lru_cache(maxsize=1)
def default_naturalness() -> Naturalness:
    """The reference that ships with Pixel, read once."""
    return Naturalness.load()


def _said(messages: Sequence[Mapping[str, str]]) -> list[str]:
    return [one["content"] for one in messages if one.get("role") != "system" and one["content"].strip()]


def _asks(text: str) -> bool:
    return text.rstrip(" \"'”’)").endswith("?")


def _first(text: str) -> str:
    found = _WORDS.search(text.lower())
    return found[0].replace("’", "'") if found else ""


def _shape(messages: Sequence[Mapping[str, str]]) -> tuple[float, float] | None:
    said = _said(messages)
    if len(said) < LEAST_TURNS:
        return None
    words = np.log1p([len(text.split()) for text in said])
    return float(words.mean()), float(words.std())


def _unusual(messages: Sequence[Mapping[str, str]], lengths: Sequence[Sequence[float]]) -> float | None:
    shape = _shape(messages)
    if shape is None:
        return None
    return float(np.sqrt(np.mean([((x - m) / s) ** 2 for x, (m, s) in zip(shape, lengths, strict=True)])))
