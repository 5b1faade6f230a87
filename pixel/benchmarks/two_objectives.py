"""Closed forms of the weightings for two objectives: what studies of 100,000 steps need, a thousand times as fast."""

from collections.abc import Callable
from math import inf, sqrt

Pair = tuple[float, float]


def _sum(a: float, b: float, c: float) -> Pair:
    return 1.0, 1.0


def _unitnorm(a: float, b: float, c: float) -> Pair:
    first, second = sqrt(a), sqrt(c)
    return (first + second) / (2 * first), (first + second) / (2 * second)


def _metabalance(a: float, b: float, c: float, relax: float = 0.7) -> Pair:
    return 1.0, relax * sqrt(a / c) + 1 - relax


def _mgda(a: float, b: float, c: float) -> Pair:
    gap = a + c - 2 * b  # |g1 - g2|**2
    share = min(max((c - b) / gap, 0.0), 1.0) if gap > 0 else 0.5
    return 2 * share, 2 - 2 * share


def _pcgrad(a: float, b: float, c: float) -> Pair:
    return 1 + max(-b / a, 0.0), 1 + max(-b / c, 0.0)


def _dualproj(a: float, b: float, c: float) -> Pair:
    return max(-b / a, 1.0), max(-b / c, 1.0)


def _imtlg(a: float, b: float, c: float) -> Pair:
    first, second = sqrt(a), sqrt(c)
    return 2 * second / (first + second), 2 * first / (first + second)


def _alignedmtl(a: float, b: float, c: float) -> Pair:
    root = sqrt(max(a * c - b * b, 0.0))  # of the determinant
    largest = (a + c + sqrt((a - c) ** 2 + 4 * b * b)) / 2
    scale = sqrt(largest * (a + c + 2 * root))
    return (c + root - b) / scale, (a + root - b) / scale


def _nashmtl(a: float, b: float, c: float) -> Pair:
    first, second = sqrt(a), sqrt(c)
    scale = sqrt((a + c) / 2) / sqrt(max(1 + b / (first * second), 1e-12))
    return scale / first, scale / second


def _fairgrad(a: float, b: float, c: float) -> Pair:
    """Alpha = 2: (a x + b y)**2 x = (b x + c y)**2 y = 1; the root of the cubic in s = sqrt(y / x)."""
    mean = (a + c) / 2
    a, b, c = a / mean, b / mean, c / mean
    low = sqrt(-b / c) if b < 0 else 0.0
    high = sqrt(a / -b) if b < 0 else max(1.0, a / c + 1.0)
    s = (low + high) / 2
    for _ in range(60):
        value = ((c * s - b) * s + b) * s - a
        low, high = (s, high) if value < 0 else (low, s)
        slope = (3 * c * s - 2 * b) * s + b
        step = s - value / slope if slope > 0 else inf
        new = step if low < step < high else (low + high) / 2
        if abs(new - s) < 1e-15 * s:
            break
        s = new
    first = max(a + b * s * s, 1e-18) ** (-2 / 3)
    return first, first * s * s


def _cagrad(a: float, b: float, c: float, radius: float = 0.5) -> Pair:
    """min over t in [0, 1] of g(t) . g0 + radius |g0| |g(t)|, with g(t) = g2 + t (g1 - g2) and g0 the mean."""
    length = radius * sqrt(max(a + 2 * b + c, 0.0)) / 2
    slope, square = (a - c) / 2, max(a + c - 2 * b, 0.0)  # of the linear part; |g1 - g2|**2
    least = max(a * c - b * b, 0.0) / square if square > 0 else 0.0  # squared distance of their line from the origin
    room = length * length * square - slope * slope
    if square == 0.0 or room <= 0.0:
        t = 0.0 if slope > 0 else 1.0 if slope < 0 else 0.5
    else:
        t = (c - b) / square - slope * sqrt(least / (square * room))
        t = min(max(t, 0.0), 1.0)
    norm = sqrt(max(c + 2 * t * (b - c) + t * t * square, 0.0))
    if norm < 1e-4 * sqrt(a + c):  # as TorchJD: approximately Pareto stationary
        return 0.0, 0.0
    scale = 2 / (1 + radius)
    return scale * (0.5 + length / norm * t), scale * (0.5 + length / norm * (1 - t))


CLOSED_FORMS: dict[str, Callable[[float, float, float], Pair]] = {
    "sum": _sum,
    "pcgrad": _pcgrad,
    "cagrad": _cagrad,
    "mgda": _mgda,
    "nashmtl": _nashmtl,
    "imtlg": _imtlg,
    "alignedmtl": _alignedmtl,
    "upgrad": _pcgrad,  # with two objectives each one's projection is the other's: the same weights
    "dualproj": _dualproj,
    "fairgrad": _fairgrad,
    "unitnorm": _unitnorm,
    "metabalance": _metabalance,
}
"""Names as in `pixel.balancing.weighting`; each takes |g1|**2, g1 . g2 and |g2|**2."""


def two_weights(name: str, a: float, b: float, c: float) -> Pair:
    """
    What `GramWeighting(name, 2)` answers for the Gram matrix `[[a, b], [b, c]]`.

    Where the two gradients are parallel to within rounding these are limits; TorchJD's solvers stop at tolerances of
    their own there (Aligned-MTL and IMTL-G lower the rank, FairGrad and Nash-MTL end their iterations).

    Args:
        name (`str`): one of [`CLOSED_FORMS`].
        a, b, c (`float`): |g1|**2, g1 . g2, |g2|**2.

    Returns:
        the two weights; 1 and 1 where a gradient is missing.
    """
    if min(a, c) <= 1e-24 * max(a, c):
        return 1.0, 1.0
    bound = sqrt(a * c)
    return CLOSED_FORMS[name](a, min(max(b, -bound), bound), c)
