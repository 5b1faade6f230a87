"""Steps of a speaker's emotional state, the largest likely one, and where empathy breaks off."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from pixel.training.callbacks.turn_values import ASSISTANT, USER


def steps(vad: np.ndarray, roles: np.ndarray) -> dict[int, np.ndarray]:
    """
    How far each speaker moves from one of their turns to the next.

    Args:
        vad: float `[turns, 3]` in [0, 1], NaN where unknown.
        roles: int `[turns]`.

    Returns:
        role -> Euclidean distances, float `[turns of the role - 1]`, NaN where either end is unknown.
    """
    return {int(role): np.linalg.norm(np.diff(vad[roles == role], axis=0), axis=-1) for role in np.unique(roles)}


def step_limits(conversations: Iterable[tuple[np.ndarray, np.ndarray]], quantile: float = 0.99) -> dict[int, float]:
    """
    The step that a share `quantile` of people's labelled steps stays under, for each role.

    Args:
        conversations: `(vad, roles)` as in `steps`, labelled: the training set's (`labelled_states`).
        quantile: in (0, 1).

    Returns:
        role -> limit. A role with fewer labelled steps than that quantile can be read from (100 for 0.99) has none.
    """
    seen: dict[int, list[np.ndarray]] = {}
    for vad, roles in conversations:
        for role, moved in steps(np.asarray(vad, dtype=float), np.asarray(roles)).items():
            seen.setdefault(role, []).append(moved[~np.isnan(moved)])
    joined = {role: np.concatenate(parts) for role, parts in seen.items()}
    least = round(1 / (1 - quantile))
    return {role: float(np.quantile(moved, quantile)) for role, moved in joined.items() if len(moved) >= least}


def labelled_states(examples: Iterable[Mapping[str, Any]]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """
    `(vad, roles)` of every conversation with a valence-arousal-dominance label.

    Args:
        examples: of `pixel.data.examples`, packed or not.
    """
    for example in examples:
        per_turn = example.get("vad")
        if per_turn is None or all(label is None for label in per_turn):
            continue
        vad = np.array([label if label is not None else [None] * 3 for label in per_turn], dtype=float)
        roles, numbers = np.array(example["turn_roles"]), np.array(example["turn_mask"])
        for number in np.unique(numbers):
            yield vad[numbers == number], roles[numbers == number]


def breaks(roles: np.ndarray, level: np.ndarray, distressed: np.ndarray) -> dict[int, bool]:
    """
    Where empathy could break off, and whether it did.

    Args:
        roles: int `[turns]`.
        level: `[turns]`, empathy of each turn, 0 for none, NaN where unknown.
        distressed: bool `[turns]`.

    Returns:
        reply -> True where its level is 0; for replies right after a distressed user turn whose speaker's last turn
        was above 0.
    """
    found: dict[int, bool] = {}
    before = np.nan
    for turn in np.flatnonzero(np.asarray(roles) == ASSISTANT):
        answers = turn > 0 and roles[turn - 1] == USER and bool(distressed[turn - 1])
        if answers and before > 0 and not np.isnan(level[turn]):
            found[int(turn)] = bool(level[turn] == 0)
        before = level[turn]
    return found
