"""Priorities: how much each objective matters, as a curve over the run."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from .checks import distinct_names, known_objectives, number


class Priorities:
    """
    Piecewise linear curves of relative importance.

    Args:
        curves (mapping): objective to a list of `[fraction, value]` points, fractions in [0, 1] and rising, values
            above 0; before the first and after the last point the curve is flat. A bare number is a flat curve.
            Objectives that are not named have priority 1.
        objectives (sequence of `str`): the k objectives.

    Raises:
        ValueError: unknown objective, no points, fractions that do not rise, a value that is not positive.

    Example:
        >>> Priorities({"eq": [[0.0, 1.0], [0.5, 3.0]]}, ("language", "eq")).at(0.25).tolist()
        [1.0, 2.0]
    """

    def __init__(self, curves: Mapping[str, Sequence[Sequence[float]] | float], objectives: Sequence[str]):
        self.objectives = distinct_names(objectives)
        curves = known_objectives("priorities", curves, self.objectives)
        self._curves = [self._points(name, curves.get(name, 1.0)) for name in self.objectives]

    def at(self, fraction: float) -> Tensor:
        """Priorities at a fraction in [0, 1] of the run, float64 `[k]`."""
        return torch.tensor([self._value(points, fraction) for points in self._curves], dtype=torch.float64)

    def apply(self, weights: Tensor, fraction: float) -> Tensor:
        """
        Multiply weights `[k]` by the priorities and scale back to their sum.

        Priorities share out what there is: twice the priority for all objectives changes nothing, so they never act
        as a change of the learning rate.
        """
        shared = weights * self.at(fraction)
        total = shared.sum()
        return shared * (weights.sum() / total) if total > 0 else shared

    @staticmethod
    def _points(name: str, curve) -> list[tuple[float, float]]:
        option = f"priorities[{name}]"
        if isinstance(curve, (int, float, str)):
            return [(0.0, number(option, curve, above=0))]
        try:
            pairs = [(fraction, value) for fraction, value in curve]
        except (TypeError, ValueError):
            pairs = []
        if not pairs:
            raise ValueError(f"{option} must be a number or a list of [fraction, value], found {curve!r}")
        points: list[tuple[float, float]] = []
        for fraction, value in pairs:
            at = number(f"{option} fraction", fraction, least=0, most=1)
            if points and at <= points[-1][0]:
                raise ValueError(f"{option}: fractions must rise, found {at:g} after {points[-1][0]:g}")
            points.append((at, number(f"{option} value", value, above=0)))
        return points

    @staticmethod
    def _value(points: list[tuple[float, float]], fraction: float) -> float:
        after = bisect_right([at for at, _ in points], fraction)
        if after == 0 or after == len(points):
            return points[max(after - 1, 0)][1]
        (left, low), (right, high) = points[after - 1], points[after]
        return low + (high - low) * (fraction - left) / (right - left)
