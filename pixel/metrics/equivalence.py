"""Equivalence test: whether two groups' means are shown to be alike, which a missing difference does not show."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, undefined
from pixel.metrics.samples import two_samples

MARGIN = 0.5
"""Margin where none is given, in standard deviations of the people: a medium effect by Cohen's convention."""
METHODS = ("t", "bootstrap")


def equivalence(
    people: ArrayLike,
    model: ArrayLike,
    margin: float | None = None,
    method: str = "t",
    resamples: int = 2000,
    seed: int = 0,
) -> Measure:
    r"""
    p-value of two one-sided tests that the means differ by less than a margin. Below 0.05: equivalent.

    .. math:: p = \max\big(P(\Delta \le -m),\; P(\Delta \ge m)\big), \quad \Delta = \mu_{model} - \mu_{people}

    Args:
        people, model: float `[any]`, NaN where missing; not paired, so the lengths may differ.
        margin: the largest difference that does not matter, in the units of the scale; `None`: half a standard
            deviation of the people. Set it before looking at the data.
        method: `t` (Welch, unequal variances) or `bootstrap` (for small or very skewed samples).
        resamples, seed: of the bootstrap.

    Returns:
        `Measure` in [0, 1]; undefined where either side has fewer than two values or nothing varies.

    Raises:
        ValueError: a margin that is not above 0, or an unknown method.

    Source: Schuirmann, "A comparison of the two one-sided tests procedure and the power approach", 1987; Lakens,
    "Equivalence tests: a practical primer", 2017.
    """
    if method not in METHODS:
        raise ValueError(f"no method is called {method!r}; one of: {', '.join(METHODS)}")
    if margin is not None and margin <= 0:
        raise ValueError(f"the margin is {margin}; it must be above 0")
    samples = two_samples(people, model)
    if isinstance(samples, Measure):
        return samples
    people, model = samples
    if margin is None:
        margin = MARGIN * people.std(ddof=1)
        if margin <= 0:
            return undefined("the people's values are all the same, so there is no margin; give one")
    if np.ptp(people) == 0 and np.ptp(model) == 0:
        return undefined("neither side varies")
    sides = _by_t if method == "t" else _by_bootstrap(resamples, seed)
    return defined(max(sides(people, model, margin)))


def _by_t(people: np.ndarray, model: np.ndarray, margin: float) -> tuple[float, float]:
    from scipy.stats import ttest_ind

    below = ttest_ind(model, people - margin, equal_var=False, alternative="greater")
    above = ttest_ind(model, people + margin, equal_var=False, alternative="less")
    return below.pvalue, above.pvalue


def _by_bootstrap(resamples: int, seed: int):
    def sides(people: np.ndarray, model: np.ndarray, margin: float) -> tuple[float, float]:
        rng = np.random.default_rng(seed)
        drawn = [rng.choice(values, (resamples, len(values))).mean(-1) for values in (people, model)]
        difference = drawn[1] - drawn[0]
        return tuple(
            (1 + np.sum(outside)) / (resamples + 1) for outside in (difference <= -margin, difference >= margin)
        )

    return sides
