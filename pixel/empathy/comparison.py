"""A model's figure beside people's: how far apart, how sure, and whether the gap is too small to matter."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import Measure, defined, undefined

Verdict = Literal["alike", "higher", "lower", "unclear"]
Statistic = Callable[[np.ndarray, np.ndarray], tuple[Measure, Measure]]
"""Indices of people's turns and of the model's turns -> people's figure and the model's."""


SURE = (0.95, 0.90)


class Comparison(NamedTuple):
    """
    Attributes:
        name: of the figure.
        people, model: the figures.
        difference: the model's less the people's.
        low, high: 95 percent interval of the difference, drawn by group.
        margin: the largest difference that does not matter.
        verdict: `alike` if the 90 percent interval lies within the margins (two one-sided tests at 5 percent), else
            `higher` or `lower` if the 95 percent interval leaves out 0, else `unclear`.
        n: turns of people, turns of the model.
        reason: why there is no comparison.
    """

    name: str
    people: float | None
    model: float | None
    difference: float | None
    low: float | None
    high: float | None
    margin: float
    verdict: Verdict
    n: tuple[int, int]
    reason: str | None = None


def compare(
    name: str,
    statistic: Statistic,
    people_groups: ArrayLike,
    model_groups: ArrayLike,
    margin: float,
    *,
    share: bool = False,
    resamples: int = 500,
    seed: int = 0,
) -> Comparison:
    """
    Compare a figure of people with the same figure of a model.

    Args:
        name: of the figure.
        statistic: see `Statistic`. Whatever it estimates on the way (such as a reader's errors on people's turns) is
            drawn anew with each resample and so widens the interval.
        people_groups, model_groups: the person, session or thread of each turn. A group that both sides have is drawn
            for both at once: replies to one post rise and fall together.
        margin: above 0, set before looking.
        share: the figure is a share: where the model's is exactly 0 or 1 no draw can move it, so the interval is
            widened by what its groups leave open (3 / groups at 95 percent, the rule of three; turns of one group are
            alike and count once).
        resamples, seed: of the bootstrap.

    Source: Schuirmann, 1987; the interval inclusion form of the two one-sided tests. Hanley & Lippman-Hand, "If
    nothing goes wrong, is everything all right?", 1983.
    """
    if margin <= 0:
        raise ValueError(f"the margin of {name} is {margin}; it must be above 0")
    first = np.asarray(people_groups).astype(str)
    second = np.asarray(model_groups).astype(str)
    n = (len(first), len(second))
    people, model = statistic(np.arange(n[0]), np.arange(n[1])) if min(n) else (undefined("no turns"),) * 2
    if people.value is None or model.value is None:
        reason = people.reason or model.reason
        return Comparison(name, people.value, model.value, None, None, None, margin, "unclear", n, reason)

    def difference(rows: np.ndarray) -> Measure:
        ours, theirs = rows[rows < n[0]], rows[rows >= n[0]] - n[0]
        if not len(ours) or not len(theirs):
            return undefined("one side was not drawn")
        one, other = statistic(ours, theirs)
        if one.value is None or other.value is None:
            return undefined("undefined in this draw")
        return defined(other.value - one.value)

    groups = np.concatenate([first, second])
    ends = [
        bootstrap_interval(difference, sum(n), groups, confidence=sure, resamples=resamples, seed=seed)
        for sure in SURE
    ]
    if share and model.value in (0.0, 1.0):
        own = len(np.unique(second))
        ends = [_opened(end, model.value, np.log(1 / (1 - sure)) / own) for end, sure in zip(ends, SURE, strict=True)]
    wide, narrow = ends
    gap = model.value - people.value
    low, high = wide or (None, None)
    reason = None if wide else "no interval: too few groups"
    return Comparison(
        name, people.value, model.value, gap, low, high, margin, _verdict(wide, narrow, margin), n, reason
    )


def _opened(end: tuple[float, float] | None, at: float, room: float) -> tuple[float, float] | None:
    if end is None:
        return None
    return (end[0], end[1] + room) if at == 0.0 else (end[0] - room, end[1])


def _verdict(wide: tuple | None, narrow: tuple | None, margin: float) -> Verdict:
    if wide is None or narrow is None:
        return "unclear"
    if -margin < narrow[0] and narrow[1] < margin:
        return "alike"
    if wide[0] > 0:
        return "higher"
    return "lower" if wide[1] < 0 else "unclear"
