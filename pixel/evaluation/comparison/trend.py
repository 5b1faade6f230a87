"""A metric over many versions: where it goes, and where it jumped."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from pixel.evaluation.comparison.version import Key, Version

LEAST_VERSIONS = 6
"""Fewer points cannot tell a jump from a wobble: two segments of two, and two to see the noise by."""
PENALTY = 3.0
"""Times noise variance times log(versions): what a change point must save in squared error."""


@dataclass(frozen=True)
class Trend:
    """
    One metric over versions in order.

    Attributes:
        task, metric, higher_is_better: of the rows.
        versions, values: names and values, those without one left out.
        tau, p: Kendall's tau of value against order and its p, not corrected for many metrics; `None` below six.
        noise: standard deviation the penalty used; noise_from: where it comes from.
        penalty: what a change point had to save.
        change_points: where the level jumped: name of the first version after, mean before and after (of the
            neighbouring segments), and whether that is worse.
        slope: change a version, and whether that is worse, where a straight line explains the values better than jumps
            do; then there are no change points.
        reason: why nothing was looked for.
    """

    task: str
    metric: str
    higher_is_better: bool | None
    versions: list[str]
    values: list[float]
    tau: float | None = None
    p: float | None = None
    noise: float | None = None
    noise_from: str | None = None
    penalty: float | None = None
    change_points: list[dict[str, Any]] = field(default_factory=list)
    slope: dict[str, Any] | None = None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def trend_of(versions: Sequence[Version], key: Key) -> Trend:
    """
    Level and jumps of a metric.

    Change points by PELT with squared error (a piecewise constant level), at least two versions a segment, penalty
    3 x noise^2 x log(versions). The noise is the larger of what the rows' intervals say and what neighbouring versions
    differ by (median absolute difference, scaled): versions read the same items, so the intervals alone may overstate
    it, but training noise comes on top of sampling.

    Args:
        versions: in the order they were made.
        key: task and metric.

    Source: Killick, Fearnhead & Eckley, "Optimal Detection of Changepoints With a Linear Computational Cost", JASA
    2012; Truong, Oudre & Vayatis, "Selective review of offline change point detection methods", 2020 (`ruptures`).
    """
    rows = [
        (one.name, one.rows[key]) for one in versions if key in one.rows and one.rows[key].get("value") is not None
    ]
    names, values = [name for name, _ in rows], [float(row["value"]) for _, row in rows]
    better = next((row["higher_is_better"] for _, row in rows if row.get("higher_is_better") is not None), None)
    empty = Trend(*key, better, names, values)
    if len(values) < LEAST_VERSIONS:
        return _with(empty, reason=f"too few: {len(values)} versions have a value, {LEAST_VERSIONS} needed")
    noise, source = _noise(values, [(row.get("low"), row.get("high")) for _, row in rows])
    if noise <= 0:
        return _with(empty, reason="the values do not move")
    from scipy.stats import kendalltau

    tau = kendalltau(range(len(values)), values)
    penalty, reason = PENALTY * noise**2 * math.log(len(values)), None
    try:
        found = jumps(values, penalty)
    except ModuleNotFoundError as error:
        found, reason = [], str(error)
    slope = _line(values, found, penalty)
    return _with(
        empty,
        tau=float(tau.statistic),
        p=float(tau.pvalue),
        noise=noise,
        noise_from=source,
        penalty=penalty,
        change_points=[
            {"at": names[at], "index": at, "before": before, "after": after, "worse": _worse(after - before, better)}
            for at, before, after in (() if slope else found)
        ],
        slope=slope and {"per_version": slope, "worse": _worse(slope, better)},
        reason=reason,
    )


def jumps(values: Sequence[float], penalty: float) -> list[tuple[int, float, float]]:
    """
    Where a piecewise constant level changes.

    Args:
        values: `[versions]`, at least four.
        penalty: squared error a jump must save, above 0.

    Returns:
        index of the first value after each jump, and the means of the segments on either side.

    Raises:
        ModuleNotFoundError: `ruptures` is not installed; says how to.
    """
    try:
        import ruptures
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError('change points need ruptures: pip install -e ".[eval]"', name="ruptures") from error
    signal = np.asarray(values, dtype=float).reshape(-1, 1)
    ends = ruptures.Pelt(model="l2", min_size=2, jump=1).fit(signal).predict(pen=penalty)
    bounds = [0, *ends]
    means = [float(signal[start:end].mean()) for start, end in pairwise(bounds)]
    return [(at, means[number], means[number + 1]) for number, at in enumerate(ends[:-1])]


def _line(values: Sequence[float], found: Sequence[tuple[int, float, float]], penalty: float) -> float | None:
    """The slope, where jumps were found but a line (which costs one penalty, as one jump does) explains more."""
    if not found:
        return None
    signal, places = np.asarray(values), np.arange(len(values))
    slope, start = np.polyfit(places, signal, 1)
    segments = np.split(signal, [at for at, _, _ in found])
    by_jumps = sum(float(((part - part.mean()) ** 2).sum()) for part in segments) + penalty * len(found)
    by_line = float(((signal - start - slope * places) ** 2).sum()) + penalty
    return float(slope) if by_line < by_jumps else None


def _noise(values: Sequence[float], intervals: Sequence[tuple]) -> tuple[float, str]:
    widths = [high - low for low, high in intervals if low is not None and high is not None]
    sampling = float(np.median(widths)) / (2 * 1.959964) if widths else 0.0
    steps = 1.4826 * float(np.median(np.abs(np.diff(values)))) / math.sqrt(2)
    return (sampling, "the rows' intervals") if sampling >= steps else (steps, "differences of neighbouring versions")


def _worse(difference: float, higher_is_better: bool | None) -> bool | None:
    return None if higher_is_better is None else (difference < 0) == higher_is_better


def _with(trend: Trend, **known) -> Trend:
    return Trend(**(trend.__dict__ | known))
