"""Figures of genuine and simulated empathy over read conversations."""

from dataclasses import dataclass

import numpy as np

from pixel.data.contrast import GENUINE, pair_of
from pixel.metrics.auc import auc
from pixel.training.callbacks.turn_values import distress, expected_level, item, labels, replies, values
from pixel.training.probe_set import ReadConversation


@dataclass(frozen=True)
class Seen:
    """
    One conversation.

    Attributes:
        group: whatever it is compared by, or `None`.
        said: float `[rated turns]`, the `genuine` read-out.
        rated: bool `[rated turns]`, whether people rated the turn at least 0.5.
        depth: float `[replies]`, expected level of emotional reactions plus interpretations, 0 to 4.
        need: float `[replies]`, how bad the user's turn before the reply sounds, 0 to 1; empty without such a head.
    """

    group: str | None
    said: np.ndarray
    rated: np.ndarray
    depth: np.ndarray
    need: np.ndarray


def see(conversation: ReadConversation, group: str | None = None) -> Seen:
    """Take from a conversation what the figures need; parts without a head or a label are empty."""
    said, people = values(conversation, "genuine"), labels(conversation, "genuine")[:, 0]
    known = ~np.isnan(people) if said is not None else np.zeros(len(people), dtype=bool)
    level, need, turns = expected_level(conversation), distress(conversation), replies(conversation)
    return Seen(
        group=group,
        said=said[known, 0] if said is not None else np.empty(0),
        rated=people[known] >= 0.5,
        depth=level[turns] if level is not None else np.empty(0),
        need=need[turns - 1] if level is not None and need is not None else np.empty(0),
    )


def mean(numbers: np.ndarray) -> float | None:
    """`None` of nothing."""
    return float(np.mean(numbers)) if len(numbers) else None


def joined(parts: list[np.ndarray]) -> np.ndarray:
    """`np.concatenate`, also of nothing."""
    return np.concatenate(parts) if parts else np.empty(0)


def figures(seen: list[Seen]) -> dict[str, float | None]:
    """`authenticity`, `depth` and `contextual_fit` (Spearman's) over some conversations; `None` where undefined."""
    from scipy.stats import rankdata

    level = joined([one.depth for one in seen if len(one.need)])
    need = joined([one.need for one in seen])
    varied = len(level) > 2 and np.ptp(level) > 0 and np.ptp(need) > 0
    return {
        "authenticity": mean(joined([one.said[one.rated] for one in seen])),
        "depth": mean(joined([one.depth for one in seen])),
        "contextual_fit": float(np.corrcoef(rankdata(level), rankdata(need))[0, 1]) if varied else None,
    }


def gaps(seen: list[Seen], names: list[str]) -> dict[str, float]:
    """Largest less smallest figure of the groups that define it; left out where fewer than two do."""
    members: dict[str, list[Seen]] = {}
    for one, name in zip(seen, names, strict=True):
        members.setdefault(name, []).append(one)
    parts = [figures(part) for part in members.values()]
    found = {key: [part[key] for part in parts if part[key] is not None] for key in parts[0]}
    return {key: max(numbers) - min(numbers) for key, numbers in found.items() if len(numbers) > 1}


def sides(conversations: list[ReadConversation], said: np.ndarray, rated: np.ndarray) -> dict[str, bool]:
    """For each rated turn: whether it stands on the right side of the other kind's median."""
    if rated.all() or not rated.any():
        return {}
    low, high = np.median(said[~rated]), np.median(said[rated])
    turns = [
        item(number, conversation, turn)
        for number, conversation in enumerate(conversations)
        if "genuine" in conversation.logits
        for turn in np.flatnonzero(~np.isnan(labels(conversation, "genuine")[:, 0]))
    ]
    right = np.where(rated, said > low, said < high)
    return dict(zip(turns, right.tolist(), strict=True))


def pair_figures(conversations: list[ReadConversation]) -> dict[str, float | None]:
    """How often a context's own reply reads as more genuine than the other's."""
    found: dict[str, dict[str, float]] = {}
    for conversation in conversations:
        name, said = pair_of(conversation.row_id), values(conversation, "genuine")
        if name is not None and said is not None:
            found.setdefault(name[0], {})[name[1]] = float(said[-1, 0])
    both = [side for side in found.values() if len(side) == 2]
    leads = np.array([2 * side[GENUINE] - sum(side.values()) for side in both])
    flat = [(kind == GENUINE, value) for side in both for kind, value in side.items()]
    overall = auc([kind for kind, _ in flat], [value for _, value in flat]).value
    return {"pair_accuracy": mean((leads > 0) + 0.5 * (leads == 0)), "pair_auc": overall}
