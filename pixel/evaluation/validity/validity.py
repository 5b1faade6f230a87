"""A measure beside human labels: it is validated only where it sees more than the length of a message does."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import Measure, defined, undefined

Kind = Literal["auc", "pearson", "spearman"]
CHANCE = {"auc": 0.5, "pearson": 0.0, "spearman": 0.0}
"""What the same answer to everything scores."""
LEAST_GROUPS = 8
"""Fewer people or conversations cannot validate anything: a bootstrap over them is too narrow."""


class Validity(NamedTuple):
    """
    How well a measure agrees with people.

    Attributes:
        value: area under the ROC curve or correlation with the human labels; `None` where it is undefined.
        low, high: 95 percent, bootstrap over groups.
        n: items with both a score and a label.
        majority: what a constant answer scores (0.5 or 0).
        length_only: what message length alone scores on the same items, with whichever sign is better.
        difference_low: lower end of the one-sided 95 percent interval of `value - length_only`.
        validated: the measure is above the constant answer (`low`) and above length (`difference_low`).
        against: the human labels, in words.
        reason: why it is not validated, in words; `None` where it is.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    majority: float
    length_only: float | None
    difference_low: float | None
    validated: bool
    against: str
    reason: str | None = None


def agreement(human: np.ndarray, scores: np.ndarray, kind: Kind) -> Measure:
    """
    Area under the ROC curve (as Mann and Whitney's U), Pearson's r or Spearman's rho (Pearson's r of mid-ranks). Equal
    to `pixel.metrics.auc` and `pearson`, without their checks: it is called thousands of times. Scores that are all
    the same are a constant answer, and score what one scores.
    """
    if len(scores) < 2 or np.ptp(human) == 0:
        return undefined("the labels are all of one class" if kind == "auc" else "the labels are all the same")
    if np.ptp(scores) == 0:
        return defined(CHANCE[kind])
    if kind == "auc":
        positive = human > 0.5
        many, few = positive.sum(), len(human) - positive.sum()
        return defined((_ranks(scores)[positive].sum() - many * (many + 1) / 2) / (many * few))
    if kind == "spearman":
        human, scores = _ranks(human), _ranks(scores)
    human, scores = human - human.mean(), scores - scores.mean()
    return defined(human @ scores / np.sqrt((human @ human) * (scores @ scores)))


def validate_measure(
    scores: ArrayLike,
    human: ArrayLike,
    groups: ArrayLike | None,
    lengths: ArrayLike,
    kind: Kind = "auc",
    against: str = "",
    resamples: int = 1000,
    seed: int = 0,
) -> Validity:
    """
    Score a measure against people, beside message length and a constant answer.

    The sign of length is chosen on all items and kept in the resamples, where measure and length are drawn together;
    the sign of the measure is never chosen: higher scores have to mean more of what people said.

    Args:
        scores: float `[items]`, NaN where the measure has no value.
        human: `[items]`: 0 and 1 for `auc`, numbers otherwise; NaN where nobody labelled the item.
        groups: `[items]`: person, dialogue or session; `None`: every item is its own.
        lengths: float `[items]`: words or characters of what was measured.
        kind: `auc`, `pearson` or `spearman`.
        against: the human labels in words, kept in the result.
        resamples, seed: of the bootstrap.

    Returns:
        `Validity`; never an error for data that cannot decide: then it is not validated, and says why.

    Raises:
        ValueError: unknown kind, arrays of different lengths, or labels for `auc` that are not 0 and 1.

    Example:
        >>> found = validate_measure([.1, .2, .3, .9] * 9, [0, 0, 0, 1] * 9, None, [5, 3, 4, 4] * 9)
        >>> found.value, found.validated
        (1.0, True)
    """
    if kind not in CHANCE:
        raise ValueError(f"no kind {kind!r}. Mend: use one of {', '.join(CHANCE)}")
    scores, human, lengths = (np.asarray(values, dtype=float) for values in (scores, human, lengths))
    names = np.arange(len(scores)) if groups is None else np.asarray(groups).astype(str)
    if not len(scores) == len(human) == len(lengths) == len(names):
        raise ValueError(f"{len(scores)} scores, {len(human)} labels, {len(lengths)} lengths, {len(names)} groups")
    known = np.isfinite(scores) & np.isfinite(human) & np.isfinite(lengths)
    scores, human, lengths, names = scores[known], human[known], lengths[known], names[known]
    if kind == "auc" and not np.isin(human, (0, 1)).all():
        raise ValueError("labels for auc have to be 0 or 1. Mend: say where the line is, or use spearman")

    chance = CHANCE[kind]
    value = agreement(human, scores, kind)
    plain = agreement(human, lengths, kind).value
    if value.value is None or plain is None:
        reason = value.reason or "length has no value on these items"
        return Validity(None, None, None, len(scores), chance, None, None, False, against, reason)
    sign = -1.0 if plain < chance else 1.0

    def of_measure(index: np.ndarray) -> Measure:
        return agreement(human[index], scores[index], kind)

    def difference(index: np.ndarray) -> Measure:
        own, other = of_measure(index).value, agreement(human[index], sign * lengths[index], kind).value
        return undefined("undefined on these items") if own is None or other is None else defined(own - other)

    ends = bootstrap_interval(of_measure, len(scores), names, resamples=resamples, seed=seed)
    gain = bootstrap_interval(difference, len(scores), names, confidence=0.9, resamples=resamples, seed=seed)
    low, high = ends or (None, None)
    gain_low = None if gain is None else gain[0]
    length_only = chance + sign * (plain - chance)
    reason = _why_not(low, chance, gain_low, len(np.unique(names)))
    return Validity(
        value.value, low, high, len(scores), chance, length_only, gain_low, reason is None, against, reason
    )


def _ranks(values: np.ndarray) -> np.ndarray:
    """From 1, ties sharing the middle."""
    order = np.argsort(values, kind="stable")
    new = np.r_[True, np.diff(values[order]) != 0]
    ends = np.r_[np.flatnonzero(new), len(values)]
    out = np.empty(len(values))
    out[order] = ((ends[:-1] + ends[1:] + 1) / 2)[np.cumsum(new) - 1]
    return out


def _why_not(low: float | None, chance: float, gain: float | None, groups: int) -> str | None:
    if low is None or gain is None:
        return "no interval: too few groups, or undefined on most resamples"
    if groups < LEAST_GROUPS:
        return f"{groups} groups, at least {LEAST_GROUPS} needed"
    if low <= chance:
        return "not above a constant answer"
    return None if gain > 0 else "not above message length"
