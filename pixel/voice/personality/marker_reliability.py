"""Validation of the markers: do they come out alike in two samples of one speaker, and apart for two speakers?"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pixel.metrics.measure import Measure, defined, undefined
from pixel.voice.personality.reference import QUANTILES
from pixel.voice.personality.two_samples import apart_samples, spread_samples

LENGTHS = (150, 300, 600, 1000)
LEAST_SPEAKERS = 10
LEAST_IN_TABLE = 30
"""A length that fewer speakers reach is left out of the tables."""


class Speaker(NamedTuple):
    """One person's talk: `place` is where they were heard together (a meeting), `group` what is drawn as a whole."""

    text: str
    place: str
    group: str


class _Parts(NamedTuple):
    """What one place adds to a reliability: sums of squares and degrees of freedom, and distances for the AUC."""

    between: float
    free: int
    error: float
    count: int
    same: np.ndarray
    other: np.ndarray


def reliability(first: np.ndarray, last: np.ndarray, places: Sequence[str] | None = None) -> Measure:
    r"""
    Intraclass correlation of single samples, speakers nested in places.

    .. math:: \frac{M_S - M_E}{M_S + M_E}, \quad M_E = \tfrac{1}{2C} \sum_c (x_{c1} - x_{c2})^2

    with :math:`M_S` the mean square of the C speakers' means around those of their places: what a whole place has in
    common (its topic, its transcriber) does not count as stability. Without places this is ICC(1,1).

    Args:
        first, last: float `[speakers]`, the marker in each one's two samples; speakers with a NaN are left out.
        places: `[speakers]`.

    Returns:
        `Measure`: 1 where samples agree and speakers differ, about 0 where a sample says nothing; undefined below 10
        speakers or where nothing varies.

    Source: Shrout & Fleiss, "Intraclass correlations", Psychological Bulletin 86, 1979, case 1; Searle, Casella &
    McCulloch, "Variance Components", 1992, for the nested design.
    """
    return _reliability(_parts(first, last, places if places is not None else ["all"] * len(first)))


def discriminability(first: np.ndarray, last: np.ndarray, places: Sequence[str]) -> Measure:
    """
    How often two samples of one speaker lie nearer to each other than samples of two speakers of one place: an AUC,
    0.5 for a marker that says nothing, ties counting half. Undefined below 10 speakers or where nobody shares a place.
    """
    return _discriminability(_parts(first, last, places))


def measure(
    speakers: Sequence[Speaker],
    markers: Callable[[str], Mapping[str, float | None]],
    about: str,
    lengths: Sequence[int] = LENGTHS,
    nested: bool = True,
    resamples: int = 500,
) -> dict[str, Any]:
    """
    Spread and stability of every marker at every length.

    Args:
        speakers: people; with `nested` at least two a place.
        markers: text -> marker -> number or null.
        about: who they are, in words.
        nested: speakers are compared within their place; otherwise with everybody.
        resamples: draws of whole groups for the 95% intervals.

    Returns:
        `{"about", "lengths": {words: {marker: {"speakers", "quantiles", "mean", "spread", "reliability", "low",
        "high", "stability", "stability_low", "stability_high", "auc", "auc_low", "auc_high"}}}}`. `reliability` and
        `auc` are of samples spread over the same talk, `stability` of its start and its end.
    """
    tables: dict[str, dict] = {}
    for length in lengths:
        spread, apart = (
            [(one, pair) for one in speakers if (pair := cut(one.text, length))]
            for cut in (spread_samples, apart_samples)
        )
        if len(spread) < LEAST_IN_TABLE:
            continue
        near, far = (_table(cut, markers) for cut in (spread, apart))
        of_near, of_far = ([one for one, _ in cut] for cut in (spread, apart))
        tables[str(length)] = {
            name: row
            for name in near
            if (row := _row(near[name], of_near, far.get(name), of_far, nested, resamples)) is not None
        }
    return {"about": about, "lengths": tables}


def _table(cut: Sequence[tuple[Speaker, tuple[str, str]]], markers: Callable) -> dict[str, np.ndarray]:
    """Marker -> float `[speakers, 2]`."""
    rows = [[markers(text) for text in pair] for _, pair in cut]
    names = rows[0][0] if rows else ()
    return {name: np.array([[half[name] for half in pair] for pair in rows], dtype=float) for name in names}


def _row(near, of_near, far, of_far, nested: bool, resamples: int) -> dict[str, Any] | None:
    heard = near[~np.isnan(near).any(1)]
    if len(heard) < LEAST_IN_TABLE or heard.std() <= 1e-12:
        return None
    out: dict[str, Any] = {"speakers": len(heard), "mean": _short(heard.mean()), "spread": _short(heard.std())}
    out["quantiles"] = [_short(value) for value in np.quantile(heard, QUANTILES)]
    interval = _nested_interval if nested else _plain_interval
    out |= interval("reliability", _reliability, near, of_near, resamples, ("low", "high"))
    out |= interval("auc", _discriminability, near, of_near, resamples, ("auc_low", "auc_high"))
    if far is not None:
        out |= interval("stability", _reliability, far, of_far, resamples, ("stability_low", "stability_high"))
    return out


def _nested_interval(name, statistic, table, speakers: Sequence[Speaker], resamples: int, ends) -> dict:
    """The statistic, and its 95% interval over draws of whole groups; a group drawn twice counts as two."""
    parts = _parts(table[:, 0], table[:, 1], [one.place for one in speakers])
    groups = {one.place: one.group for one in speakers}
    by_group = defaultdict(list)
    for place, part in parts.items():
        by_group[groups[place]].append(part)
    members = list(by_group.values())
    draws = (
        dict(enumerate(part for at in drawn for part in members[at])) for drawn in _draws(len(members), resamples)
    )
    return _ends(name, statistic(parts).value, [statistic(draw).value for draw in draws], ends)


def _plain_interval(name, statistic, table, speakers: Sequence[Speaker], resamples: int, ends) -> dict:
    """The same where everybody is compared with everybody; speakers of one group are never taken for two people."""
    names, ids = np.unique([one.group for one in speakers], return_inverse=True)
    members = [np.flatnonzero(ids == group) for group in range(len(names))]

    def value(at: np.ndarray) -> float | None:
        return statistic(_parts(table[at, 0], table[at, 1], ["all"] * len(at), ids[at])).value

    draws = (np.concatenate([members[group] for group in drawn]) for drawn in _draws(len(members), resamples))
    return _ends(name, value(np.arange(len(table))), [value(draw) for draw in draws], ends)


def _draws(groups: int, resamples: int):
    generator = np.random.default_rng(0)
    return (generator.integers(groups, size=groups) for _ in range(resamples if groups > 1 else 0))


def _ends(name: str, value: float | None, drawn: Sequence[float | None], ends: tuple[str, str]) -> dict:
    known = [one for one in drawn if one is not None]
    low, high = np.quantile(known, [0.025, 0.975]) if known and 2 * len(known) >= len(drawn) else (None, None)
    numbers = {name: value, ends[0]: low, ends[1]: high}
    return {key: None if number is None else _short(number) for key, number in numbers.items()}


def _parts(first, last, places: Sequence[str], ids: np.ndarray | None = None) -> dict[str, _Parts]:
    first, last, places = np.asarray(first, float), np.asarray(last, float), np.asarray(places)
    ids = np.arange(len(first)) if ids is None else ids
    good = ~(np.isnan(first) | np.isnan(last))
    out = {}
    for place in np.unique(places[good]):
        here = good & (places == place)
        one, two, who = first[here], last[here], ids[here]
        mean, distance = (one + two) / 2, np.abs(one[:, None] - two[None])
        out[str(place)] = _Parts(
            2 * float(((mean - mean.mean()) ** 2).sum()), len(one) - 1, float(((one - two) ** 2).sum() / 2), len(one),
            np.diag(distance), distance[who[:, None] != who[None]],
        )  # fmt: skip
    return out


def _reliability(parts: Mapping[Any, _Parts]) -> Measure:
    count, free = sum(part.count for part in parts.values()), sum(part.free for part in parts.values())
    if count < LEAST_SPEAKERS or not free:
        return undefined(f"{count} speakers, {LEAST_SPEAKERS} needed")
    between = sum(part.between for part in parts.values()) / free
    error = sum(part.error for part in parts.values()) / count
    if between + error <= 1e-12:
        return undefined("nothing varies")
    return defined((between - error) / (between + error))


def _discriminability(parts: Mapping[Any, _Parts]) -> Measure:
    same = np.concatenate([part.same for part in parts.values()]) if parts else np.zeros(0)
    other = np.sort(np.concatenate([part.other for part in parts.values()])) if parts else np.zeros(0)
    if len(same) < LEAST_SPEAKERS or not len(other):
        return undefined("too few speakers who share a place")
    below, upto = np.searchsorted(other, same, "left"), np.searchsorted(other, same, "right")
    return defined(1 - float((below + upto).mean()) / 2 / len(other))


def _short(value: float) -> float:
    return float(f"{value:.4g}")
