"""Empathy over versions of a model: one series a dimension, and the versions at which it jumps or falls."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pixel.metrics.outliers import outliers

TASK = "empathy_progression"
LEAST_CHANGES = 5


class Point(NamedTuple):
    """
    One dimension of one version.

    Attributes:
        step: of training, or the version's number.
        dimension: what was measured.
        value: the figure.
        low, high: its 95 percent interval, or `None`.
    """

    step: int
    dimension: str
    value: float
    low: float | None = None
    high: float | None = None


def points_of_results(results: Sequence[Mapping[str, Any]], task: str = TASK) -> list[Point]:
    """
    Points out of `results.json` of several versions, in the order given. Rows without a value are left out.

    Rows named `DIMENSION/step_N` are checkpoints of one run and keep their step; the run's other rows, of the finished
    model, come one step after the last of them. A further file goes on counting where the one before ended, so files
    without checkpoints are the steps 1, 2, 3 ...
    """
    points, before = [], 0
    for result in results:
        rows = [row for row in result.get("results", ()) if row["task"] == task and row.get("value") is not None]
        steps = [_step(row["metric"]) for row in rows]
        last = max((step for step in steps if step is not None), default=0) + 1
        for row, step in zip(rows, steps, strict=True):
            name = row["metric"] if step is None else row["metric"].rpartition("/")[0]
            place = before + (last if step is None else step)
            points.append(Point(place, name, float(row["value"]), row.get("low"), row.get("high")))
        before += last
    return points


def _step(metric: str) -> int | None:
    name, _, last = metric.rpartition("/")
    step = last.removeprefix("step_")
    return int(step) if name and last.startswith("step_") and step.isdigit() else None


def anomalies(series: Sequence[Point], threshold: float = 3.5) -> list[bool]:
    """
    Which versions stand out of one dimension's series.

    A version does if its change from the one before lies far from the median change (robust z above `threshold`, from
    five changes on) and beyond half its interval, unless it only takes back a jump that was told already; or if its
    whole interval lies below that of the version before.

    Args:
        series: of one dimension, by step.
        threshold: |z|, see `pixel.metrics.outliers`.
    """
    values = [point.value for point in series]
    changes = [round(after - before, 9) for before, after in zip(values, values[1:], strict=False)]
    jumps = [False, *outliers(changes, threshold)] if len(changes) >= LEAST_CHANGES else [False] * len(values)
    jumps = [jump and abs(changes[place - 1]) > _half(series[place]) for place, jump in enumerate(jumps)]
    told = list(jumps[: len(values)])
    for place in range(2, len(values)):
        jump, back = changes[place - 2], changes[place - 1]
        if told[place - 1] and jumps[place] and jump * back < 0 and abs(jump + back) < 0.5 * abs(jump):
            told[place] = False
    for place in range(1, len(series)):
        before, now = series[place - 1], series[place]
        if before.low is not None and now.high is not None and now.high < before.low:
            told[place] = True
    return told


def _half(point: Point) -> float:
    return 0.0 if point.low is None or point.high is None else (point.high - point.low) / 2


def figure_points(points: Iterable[Point]) -> list[dict[str, Any]]:
    """
    Data of the figure: `{"step", "dimension", "value", "low", "high", "anomaly"}`, by dimension and step.

    Raises:
        ValueError: a dimension that has a step twice.
    """
    by_dimension: dict[str, list[Point]] = {}
    for point in points:
        by_dimension.setdefault(point.dimension, []).append(point)
    out = []
    for dimension, series in sorted(by_dimension.items()):
        series.sort(key=lambda point: point.step)
        if len({point.step for point in series}) < len(series):
            raise ValueError(f"{dimension} has a step twice. Mend: give each version's results once")
        for point, anomaly in zip(series, anomalies(series), strict=True):
            out.append(point._asdict() | {"anomaly": anomaly})
    return out
