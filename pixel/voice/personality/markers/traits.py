"""Lexical trait indicators: which way the words lean on the Big Five, by published correlations. No measurement."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TABLE = Path(__file__).with_name("traits.yaml")


@cache
def published() -> dict[str, Any]:
    """`source`, `limits` and `traits`: trait -> marker of style -> correlation with self-report."""
    return yaml.safe_load(TABLE.read_text(encoding="utf-8"))


def measure(z: Callable[[str], float | None]) -> dict[str, float | None]:
    r"""
    One indicator a trait.

    .. math:: \sum_m r_m z_m / \sum_m |r_m|

    Args:
        z: marker of style -> standard deviations from other speakers' mean, or null.

    Returns:
        trait -> indicator in standard deviations; `None` where a marker is null.
    """
    out: dict[str, float | None] = {}
    for trait, correlations in published()["traits"].items():
        places = {name: z(name) for name in correlations}
        known = all(place is not None for place in places.values())
        total = sum(r * places[name] for name, r in correlations.items()) if known else None
        out[trait] = total / sum(map(abs, correlations.values())) if known else None
    return out


def explained(indicators: Mapping[str, float | None], z: Callable[[str], float | None]) -> dict[str, Any]:
    """Trait -> its indicator and what it is drawn from: each marker's published correlation and place."""
    return {
        trait: {
            "indicator": None if indicators[trait] is None else round(indicators[trait], 3),
            "drawn_from": [
                {"marker": f"style.{name}", "published_r": r, "z": None if z(name) is None else round(z(name), 3)}
                for name, r in correlations.items()
            ],
        }
        for trait, correlations in published()["traits"].items()
    }
