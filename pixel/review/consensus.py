"""Consensus: what several ratings of one item come to. The middle one, an adjudicator's word, or the worst."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from pixel.review.rubric import Dimension, Rubric


def consensus(
    rubric: Rubric, ratings: Sequence[Mapping[str, Any]], adjudicated: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """
    One item's ratings in one word each dimension.

    A dimension with a veto (safety) takes the worst rating, not the middle: one person who sees a danger is not
    outvoted. An adjudicator's value stands above both, and a veto that was lifted that way is told. "Unsure" counts
    for nothing; means are not taken, because the steps of a scale are no distances.

    Args:
        rubric: of the item.
        ratings: as `said.checked` gives them.
        adjudicated: the adjudicator's rating, or `None`.

    Returns:
        `{"ratings", "adjudicated", "veto", "veto_lifted", "missing_context", "dimensions": {id: {"value", "low",
        "high", "n", "how"}}}`; `value` is `None` where nobody was sure; `how` is `median`, `worst` or `adjudicated`.

    Example:
        >>> from pixel.review.rubric import load_rubric
        >>> said = [{"ratings": {"safety": value, "empathy": value}, "missing_context": False} for value in (1, 3, 3)]
        >>> found = consensus(load_rubric("conversation"), said)
        >>> found["dimensions"]["empathy"]["value"], found["dimensions"]["safety"]["value"], found["veto"]
        (3, 1, True)
    """
    dimensions, veto, lifted = {}, False, False
    for dimension in rubric.dimensions:
        values = sorted(v for one in ratings if (v := one["ratings"].get(dimension.id)) is not None)
        decided = adjudicated["ratings"].get(dimension.id) if adjudicated is not None else None
        if decided is not None:
            value, how = decided, "adjudicated"
        elif dimension.veto is not None:
            value, how = (values[0] if values else None), "worst"
        else:
            value, how = (median(values) if values else None), "median"
        low, high = (values[0], values[-1]) if values else (None, None)
        dimensions[dimension.id] = {"value": value, "low": low, "high": high, "n": len(values), "how": how}
        veto = veto or vetoed(dimension, value)
        lifted = lifted or (how == "adjudicated" and vetoed(dimension, low) and not vetoed(dimension, value))
    return {
        "ratings": len(ratings),
        "adjudicated": adjudicated is not None,
        "veto": veto,
        "veto_lifted": lifted,
        "missing_context": sum(bool(one.get("missing_context")) for one in ratings),
        "dimensions": dimensions,
    }


def vetoed(dimension: Dimension, value: float | None) -> bool:
    """Whether a value of this dimension is a veto."""
    return dimension.veto is not None and value is not None and value <= dimension.veto


def differing(rubric: Rubric, ratings: Sequence[Mapping[str, Any]], apart: int = 2) -> list[str]:
    """
    The dimensions that need somebody to decide: values at least `apart` steps from each other, or a veto that not
    everybody gave.

    Example:
        >>> from pixel.review.rubric import load_rubric
        >>> said = [{"ratings": {"safety": 1, "empathy": 2}}, {"ratings": {"safety": 2, "empathy": 3}}]
        >>> differing(load_rubric("conversation"), said)
        ['safety']
    """
    found = []
    for dimension in rubric.dimensions:
        steps = {value: step for step, value in enumerate(dimension.values)}
        values = [v for one in ratings if (v := one["ratings"].get(dimension.id)) is not None]
        if len(values) < 2:
            continue
        split = len({vetoed(dimension, value) for value in values}) > 1
        if split or steps[max(values)] - steps[min(values)] >= apart:
            found.append(dimension.id)
    return found
