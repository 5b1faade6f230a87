"""How people do: helpers of good and poor sessions, peers, and how much better a seeker feels, as numbers."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pixel.clinical.appropriateness.annomi_sessions import Session
from pixel.clinical.appropriateness.behaviours import BEHAVIOURS
from pixel.empathy.behaviour_shares import SHARES
from pixel.empathy.exchanges import exchanges, levels_of
from pixel.models.labels import EPITOME_MECHANISMS

FILE = Path(__file__).with_name("human_baselines.yaml")
SOURCES = {
    "annomi": "AnnoMI (Wu et al., ICASSP 2022), annotators' majorities, all helper turns",
    "epitome": "EPITOME, Reddit part (Sharma et al., EMNLP 2020), majority level",
    "esconv": "ESConv (Liu et al., ACL 2021; file of Cheng et al., EMNLP 2022), seekers' own ratings of 1 to 5",
}


def human_baselines(
    sessions: Sequence[Session], epitome: Sequence[Mapping[str, Any]], esconv: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """
    Name -> `{"mean", "sd", "n", "source"}`; `n` counts turns, replies or dialogues. No text is in it.

    AnnoMI's shares are of all turns together (`sd` is between sessions of at least ten turns); names end in `_high`
    and `_low` for sessions shown as good practice and as warnings.
    """
    out = {}
    for high, kind in ((True, "high"), (False, "low")):
        chosen = [np.array(one.acts, dtype=bool)[:, : len(BEHAVIOURS)] for one in sessions if one.high == high]
        chosen = [acts for acts in chosen if len(acts)]
        turns = np.vstack(chosen) if chosen else np.zeros((0, len(BEHAVIOURS)), dtype=bool)
        for name, share in SHARES.items():
            each = [share(acts).value for acts in chosen if len(acts) >= 10]
            each = [value for value in each if value is not None]
            out[f"annomi_{name}_{kind}"] = _entry(share(turns).value, each, len(turns), "annomi")
    levels = levels_of(exchanges(epitome))
    for column, name in enumerate(EPITOME_MECHANISMS):
        known = levels[~np.isnan(levels[:, column]), column]
        out[f"epitome_{name}"] = _entry(known.mean() if len(known) else None, known, len(known), "epitome")
    change = distress_changes(esconv)
    change = change[~np.isnan(change)]
    out["esconv_distress_change"] = _entry(change.mean() if len(change) else None, change, len(change), "esconv")
    return {name: entry for name, entry in out.items() if entry["mean"] is not None}


def distress_changes(rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Float `[dialogues]`: by how many of four points the seeker's own rating of distress fell; NaN if not rated."""
    out = []
    for row in rows:
        rated = [value[0] for value in row.get("distress") or () if value is not None and value[0] is not None]
        out.append(4 * (rated[0] - rated[-1]) if len(rated) > 1 else np.nan)
    return np.array(out, dtype=float)


@lru_cache(maxsize=1)
def shipped_baselines() -> Mapping[str, Mapping[str, Any]]:
    """The figures that ship with Pixel, measured on the corpora named in them."""
    from pixel.knowledge.yaml_files import read_yaml

    return read_yaml(FILE)


def keep(found: Mapping[str, Mapping[str, Any]], file: Path) -> None:
    """Write the figures as YAML, one a line."""
    lines = ["# How people do. Written by: python recipes/empathy.py baselines --data_root DATA"]
    for name, entry in found.items():
        inside = ", ".join(
            f'{key}: "{value}"' if key == "source" else f"{key}: {value}" for key, value in entry.items()
        )
        lines.append(f"{name}: {{{inside}}}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _entry(mean: float | None, values: Sequence[float], n: int, source: str) -> dict[str, Any]:
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return {
        "mean": None if mean is None else round(float(mean), 4),
        "sd": round(spread, 4), "n": n, "source": SOURCES[source],
    }  # fmt: skip
