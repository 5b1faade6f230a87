"""Emotional expression, from a reader's read-outs of a speaker's turns: which feelings, how strong, how they move."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.voice.personality.marker import markers_of

LEAST_TURNS = 5
LEAST_STEPS = 8
"""Turns below which no autocorrelation is told."""
POSITIVE = frozenset(
    "admiration amusement approval caring desire excitement gratitude joy love optimism pride relief".split()
)
NEGATIVE = frozenset(
    "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness remorse sadness".split()
)
"""Groups of Demszky et al., ACL 2020, section 4; the other labels are ambiguous or neutral."""

MARKERS = markers_of("emotion")


def measure(readouts: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    r"""
    Args:
        readouts: one record a turn, in order, as `pixel.inference.ConversationReader` gives them, without what the
            reader was not trained on.

    Returns:
        name -> value; `None` below 5 turns (8 for inertia), or where a head is missing. Inertia is the correlation of
        a turn's value with the one before, :math:`r(x_t, x_{t-1})` (Kuppens et al., "Emotional inertia", Psychological
        Science 21, 2010; theirs is of felt, this one of read emotion). A turn's feeling
        is its likeliest label; `variety` is the exponential of the entropy of these: 1 for one feeling, 2 for two that
        share the turns.
    """
    out: dict[str, float | None] = dict.fromkeys(MARKERS)
    emotions = [record.get("emotion") or {} for record in readouts]
    if len(emotions) < LEAST_TURNS:
        return out
    for name in ("valence", "arousal", "dominance"):
        values = [one["vad"][name] for one in emotions if "vad" in one]
        if len(values) >= LEAST_TURNS:
            moved = _moved(np.array(values))
            out |= {f"{name}_{key}": value for key, value in moved.items() if f"{name}_{key}" in out}
    distress = [one["distress"] for one in emotions if one.get("distress") is not None]
    if len(distress) >= LEAST_TURNS:
        out["distress_mean"] = float(np.mean(distress))
    labels = [one["labels"] for one in emotions if "labels" in one]
    if len(labels) >= LEAST_TURNS:
        mean = {name: float(np.mean([one[name] for one in labels])) for name in labels[0] if name != "neutral"}
        first = Counter(max(one, key=one.get) for one in labels)
        felt = np.array([count for name, count in first.items() if name != "neutral"])
        out["feeling_turns"] = float(felt.sum() / len(labels))
        out["positive"] = float(np.mean([value for name, value in mean.items() if name in POSITIVE]))
        out["negative"] = float(np.mean([value for name, value in mean.items() if name in NEGATIVE]))
        if felt.sum() >= LEAST_TURNS:
            shares = felt / felt.sum()
            out["variety"] = float(np.exp(-(shares * np.log(shares)).sum()))
    return out


def distribution(readouts: Sequence[Mapping[str, Any]], most: int = 5) -> dict[str, float]:
    """The feelings that are read most, with their mean probability, neutral left out; empty without such a head."""
    labels = [record["emotion"]["labels"] for record in readouts if "labels" in (record.get("emotion") or {})]
    if not labels:
        return {}
    mean = {name: float(np.mean([one[name] for one in labels])) for name in labels[0] if name != "neutral"}
    return {name: round(mean[name], 4) for name in sorted(mean, key=lambda name: (-mean[name], name))[:most]}


def _moved(values: np.ndarray) -> dict[str, float | None]:
    before, after = values[:-1], values[1:]
    steady = before.std() < 1e-9 or after.std() < 1e-9
    inertia = None if steady or len(values) < LEAST_STEPS else float(np.corrcoef(before, after)[0, 1])
    return {
        "mean": float(values.mean()),
        "spread": float(values.std(ddof=1)),
        "inertia": inertia,
        "step": float(np.abs(after - before).mean()),
    }
