"""Empathy indicators, from a reader's read-outs: EPITOME's mechanisms and the empathy heads, averaged over turns."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.voice.personality.marker import markers_of

LEAST_TURNS = 5
MECHANISMS = ("emotional_reactions", "interpretations", "explorations")
DIMENSIONS = (
    "cognitive", "affective", "compassionate", "perspective_taking", "self_other_distinction", "attunement",
)  # fmt: skip
_PLAIN = {
    "emotional_reactions": "warmth or concern said",
    "interpretations": "understanding of the other said",
    "explorations": "asking about what the other feels",
}

MARKERS = markers_of("empathy")


def measure(readouts: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    """
    Args:
        readouts: one record of this speaker's turns each, in order; read with the turns they answer where there are
            any: empathy is empathy with somebody.

    Returns:
        name -> value; `None` below 5 turns or where a head was not trained. A mechanism's level is the expected one
        under the read-out; a turn has it where levels 1 and 2 together reach 0.5.
    """
    out: dict[str, float | None] = dict.fromkeys(MARKERS)
    records = [record.get("empathy") or {} for record in readouts]
    for name in MECHANISMS:
        levels = np.array([record[name] for record in records if name in record])
        if len(levels) >= LEAST_TURNS:
            out[name] = float((levels @ np.arange(levels.shape[1])).mean())
            out[f"{name}_turns"] = float((levels[:, 1:].sum(1) >= 0.5).mean())
    for name in DIMENSIONS:
        values = [record["dimensions"][name] for record in records if "dimensions" in record]
        if len(values) >= LEAST_TURNS:
            out[f"dimension_{name}"] = float(np.mean(values))
    genuine = [record["genuine"] for record in records if record.get("genuine") is not None]
    if len(genuine) >= LEAST_TURNS:
        out["genuine"] = float(np.mean(genuine))
    stages = [list(record["stage"].values()) for record in records if record.get("stage")]
    if len(stages) >= LEAST_TURNS:
        out["stage"] = float((np.array(stages) @ np.arange(len(stages[0]))).mean())
    return out
