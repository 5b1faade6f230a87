"""SECEU: an EQ on the human scale, from ten points shared out among four emotions."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, undefined
from pixel.metrics.pearson import pearson

HUMAN_MEAN, HUMAN_SPREAD = 2.79, 0.822
"""Mean distance of the paper's human sample from the standard answers, and its standard deviation."""
HUMAN_PATTERN = 0.033
"""Below this pattern similarity the paper calls a model's mechanism unlike the human one (quoted second-hand)."""
POINTS = 10


def item_distance(standard: Sequence[float], given: Sequence[float]) -> float:
    """
    Euclidean distance of one answer from the standard answer.

    Args:
        standard: points of each option, the mean over people.
        given: points of each option; scaled to a sum of ten where it is another.

    Raises:
        ValueError: other options than the standard, a negative number, or nothing shared out.
    """
    standard, given = np.asarray(standard, dtype=float), np.asarray(given, dtype=float)
    if given.shape != standard.shape:
        raise ValueError(f"{given.size} points for {standard.size} options")
    if not (given >= 0).all() or given.sum() <= 0:  # also catches NaN
        raise ValueError("points must be at least 0, and some above")
    return float(np.linalg.norm(POINTS * given / given.sum() - standard))


def read_points(answer: str, options: Sequence[str]) -> list[float] | None:
    """The points of each option out of a written answer (`Option: 3`), or `None` where one is missing."""
    text, points = re.sub(r"[*#_`]", "", answer), []
    for option in options:
        said = re.findall(rf"(?<!\w){re.escape(option)}\s*[:=\-]\s*(\d+(?:\.\d+)?)", text, re.IGNORECASE)
        if not said:
            return None
        points.append(float(said[-1]))
    return points if sum(points) > 0 else None


def seceu(references: Sequence[Sequence[float]], predictions: Sequence[Sequence[float] | None]) -> Measure:
    r"""
    EQ of a set of answers.

    .. math:: EQ = 100 + 15 \, \frac{2.79 - s}{0.822}

    where :math:`s` is the mean distance over items: 100 is the human mean, 15 points a human standard deviation.

    Args:
        references: float `[items, options]`, the standard answers.
        predictions: likewise; `None` (or empty) where an answer could not be read: it is left out.

    Returns:
        `Measure`; undefined where no answer could be read.

    Source: Wang et al., "Emotional Intelligence of Large Language Models", Journal of Pacific Rim Psychology, 2023.
    """
    distances = [item_distance(r, p) for r, p in zip(references, predictions, strict=True) if p is not None and len(p)]
    if not distances:
        return undefined("no answer could be read")
    return defined(100 + 15 * (HUMAN_MEAN - np.mean(distances)) / HUMAN_SPREAD)


def seceu_pattern(human_distances: ArrayLike, model_distances: ArrayLike) -> Measure:
    """
    Pattern similarity: whether a model finds hard what people find hard.

    Args:
        human_distances: float `[items]`, people's mean distance from the standard answer; NaN where unknown.
        model_distances: float `[items]`, the model's (`item_distance`).

    Returns:
        Pearson's r as a `Measure`; undefined as in `pearson`. Below `HUMAN_PATTERN` a high EQ was not reached in the
        human way.

    Source: as `seceu`.
    """
    return pearson(human_distances, model_distances)
