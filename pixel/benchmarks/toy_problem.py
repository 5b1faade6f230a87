r"""
The two-objective toy of the conflict literature: two deep curved valleys above, a bowl with the Pareto set below.

With :math:`c_1 = \max(\tanh(x_2/2), 0)` and :math:`c_2 = \max(-\tanh(x_2/2), 0)`

.. math::
    f_1 &= c_1 \big(\log\max(|\tfrac12(-x_1-7) - \tanh(-x_2)|, \epsilon) + 6\big)
           + c_2 \big(((7-x_1)^2 + .1 (x_2+8)^2)/10 - 20\big) \\
    f_2 &= c_1 \big(\log\max(|\tfrac12(-x_1+3) + \tanh(-x_2) + 2|, \epsilon) + 6\big)
           + c_2 \big(((x_1+7)^2 + .1 (x_2+8)^2)/10 - 20\big)

Source: Liu et al., "Conflict-Averse Gradient Descent for Multi-task Learning", NeurIPS 2021, with epsilon = 5e-6;
the starts with a scaled f1 are those of Nash-MTL (Navon et al. 2022) and after.
"""

from math import hypot, log, tanh

LOWER = 5e-6
BOUND = 20.0  # f1, f2 > -20 everywhere: what makes them positive for schedules that need positive losses
Point = tuple[float, float]

STARTS_A: tuple[Point, ...] = ((-8.5, 7.5), (-8.5, -5.0), (9.0, 9.0))
"""Starts for 100,000 steps of Adam at 1e-3 (CAGrad)."""
STARTS_B: tuple[Point, ...] = ((-8.5, 7.5), (0.0, 0.0), (9.0, 9.0), (-7.5, -0.5), (9.0, -1.0))
"""Starts for 50,000 steps with f1 multiplied by .1 (Nash-MTL and after)."""


def gates(x2: float) -> tuple[float, float, float, float]:
    """c1, c2 and their slopes; at 0 both clamps pass their gradient on, as `torch.clamp` does."""
    t = tanh(x2 / 2)
    slope = (1 - t * t) / 2
    return max(t, 0.0), max(-t, 0.0), slope if x2 >= 0 else 0.0, -slope if x2 <= 0 else 0.0


def objectives(x: Point, scale: float = 1.0) -> tuple[Point, Point, Point]:
    """
    Values and gradients in plain floats.

    Args:
        x (`tuple`): the point.
        scale (`float`): multiplies f1.

    Returns:
        `(f1, f2)`, the gradient of f1 and that of f2.
    """
    x1, x2 = x
    c1, c2, s1, s2 = gates(x2)
    t = tanh(x2)
    bend = 1 - t * t  # d tanh(x2) / d x2, and -d tanh(-x2) / d x2
    one, two = (-x1 - 7) / 2 + t, (-x1 + 3) / 2 - t + 2
    up1, up2 = log(max(abs(one), LOWER)) + 6, log(max(abs(two), LOWER)) + 6
    in1, in2 = (1 / u if abs(u) >= LOWER else 0.0 for u in (one, two))  # d log|u| / d u, 0 on the clamped floor
    deep = 0.1 * (x2 + 8) ** 2
    low1, low2 = ((7 - x1) ** 2 + deep) / 10 - 20, ((x1 + 7) ** 2 + deep) / 10 - 20
    down = 0.02 * (x2 + 8)
    f = (scale * (c1 * up1 + c2 * low1), c1 * up2 + c2 * low2)
    g1 = (-c1 * in1 / 2 - c2 * (7 - x1) / 5, s1 * up1 + c1 * in1 * bend + s2 * low1 + c2 * down)
    g2 = (-c1 * in2 / 2 + c2 * (x1 + 7) / 5, s1 * up2 - c1 * in2 * bend + s2 * low2 + c2 * down)
    return f, (scale * g1[0], scale * g1[1]), g2


def pareto_point(x1: float) -> Point:
    r"""
    The Pareto-optimal point with this first coordinate, which lies in [-7, 7].

    Below, :math:`\alpha f_1 + (1-\alpha) f_2` has its minimum at :math:`x_1 = 7(2\alpha - 1)` and where
    :math:`\tanh(-x_2/2) \, ((q + .1(x_2+8)^2)/10 - 20)`, with :math:`q = 196 \alpha (1-\alpha)`, is least.
    """
    if not -7 <= x1 <= 7:
        raise ValueError(f"the Pareto set has x1 in [-7, 7], found {x1}")
    share = (x1 / 7 + 1) / 2
    spread = 196 * share * (1 - share)
    low, high = -12.0, -4.0  # the slope in x2 is negative at the one and positive at the other
    for _ in range(80):
        x2 = (low + high) / 2
        _, c2, _, s2 = gates(x2)
        slope = s2 * ((spread + 0.1 * (x2 + 8) ** 2) / 10 - 20) + c2 * 0.02 * (x2 + 8)
        low, high = (x2, high) if slope < 0 else (low, x2)
    return x1, x2


def distance_to_pareto(x: Point) -> float:
    """How far a point is from the Pareto set, along the set's nearest first coordinate."""
    nearest = pareto_point(min(max(x[0], -7.0), 7.0))
    return hypot(x[0] - nearest[0], x[1] - nearest[1])
