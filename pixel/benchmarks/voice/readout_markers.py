"""Emotion and empathy markers out of a model's read-outs: how stable are they within a person?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixel.clinical.appropriateness.annomi_sessions import read_sessions
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.voice.personality.marker_reliability import reliability
from pixel.voice.personality.markers import emotion, empathy

HEADER = ("marker", "role", "people", "reliability", "low", "high", "stability")
MOVING = ("inertia", "step")
"""Markers of the order of turns: every second turn says nothing of them."""
LEAST_TURNS = 20
"""Turns of one person, so that either half has 10."""


def read_turns(reader: Any, data_root: str | Path, sessions: int = 40, longest: int = 120) -> list[dict[str, Any]]:
    """
    AnnoMI's sessions as a model reads them, no text.

    Args:
        reader: `pixel.inference.ConversationReader`.
        data_root: with `annomi/`.
        sessions: at most, evenly picked of those with 40 to `longest` turns.

    Returns:
        one a person: `{"role", "group", "turns": [records]}`.
    """
    chosen = [one for one in read_sessions(data_root) if 2 * LEAST_TURNS <= len(one.messages) <= longest]
    chosen = [chosen[at] for at in np.linspace(0, len(chosen) - 1, min(sessions, len(chosen))).round().astype(int)]
    out = []
    for session, records in zip(chosen, reader.read([one.messages for one in chosen]), strict=True):
        if isinstance(records, Exception):
            raise records
        for role in ("assistant", "user"):
            own = [record for record in records if record["role"] == role]
            if len(own) >= LEAST_TURNS:
                out.append({"role": role, "group": session.video, "turns": own})
    return out


def readout_reliability(people: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    Rows with the keys of `HEADER`, by role, the most reliable first.

    `reliability` is that of half a person's turns, every second one against the others, with its 95% interval over
    videos; `stability` compares the first half of the turns with the second. Empathy is told of helpers only.
    """
    rows = []
    for role, families in (("assistant", (emotion, empathy)), ("user", (emotion,))):
        own = [person for person in people if person["role"] == role]
        groups = [person["group"] for person in own]
        for family in families:
            every_second = [(family.measure(one["turns"][0::2]), family.measure(one["turns"][1::2])) for one in own]
            halves = [_halves(family, one["turns"]) for one in own]
            for name in family.MARKERS:
                second, half = _table(every_second, name), _table(halves, name)
                moves = name.rsplit("_", 1)[-1] in MOVING
                shown = half if moves else second
                found = reliability(*shown.T).value
                if found is None:
                    continue
                ends = bootstrap_interval(lambda at, t=shown: reliability(*t[at].T), len(shown), groups) or (None,) * 2
                told = (name, role, len(own), None if moves else found, *((None,) * 2 if moves else ends))
                rows.append(dict(zip(HEADER, (*told, reliability(*half.T).value), strict=True)))
    return sorted(rows, key=lambda row: (row["role"], -(row["reliability"] or -1)))


def _halves(family, turns: list) -> tuple[dict, dict]:
    middle = len(turns) // 2
    return family.measure(turns[:middle]), family.measure(turns[middle:])


def _table(pairs: Sequence[tuple[dict, dict]], name: str) -> np.ndarray:
    return np.array([[half[name] for half in pair] for pair in pairs], dtype=float).reshape(len(pairs), 2)
