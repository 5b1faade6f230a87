"""Therapeutic flow: are the phases there, in their order, and is nothing suggested before anybody listened?"""

from typing import NamedTuple

import numpy as np

from pixel.evaluation.conversation.phases import PHASES

LEAST_REPLIES = 4
"""Fewer replies have no flow."""
_WORKING = PHASES.index("working")
_LISTENING = [PHASES.index("exploring"), PHASES.index("understanding")]


class Flow(NamedTuple):
    """
    Attributes:
        coverage: in [0, 1], how many of the five phases are there, each counted by how surely some reply is of it.
        order: in [-1, 1], whether later replies are of later phases (Kendall's tau-b of place and expected phase).
        listened: in [0, 1], how much exploring and understanding came before what was worked on, against what a
            conversation of the same replies in any order has: 0.5 is chance, 1 is all of it before. `None` where
            nothing is worked on or nothing explored.
        shares: share of each phase.
    """

    coverage: float
    order: float
    listened: float | None
    shares: dict[str, float]


def flow(read: np.ndarray) -> Flow | None:
    """
    The flow of one conversation.

    Args:
        read: float `[replies, 5]`, phases of its replies (`PhaseReader.read`).

    Returns:
        `None` below four replies.
    """
    if len(read) < LEAST_REPLIES:
        return None
    working, listening = read[:, _WORKING], read[:, _LISTENING].sum(1)
    before = np.cumsum(listening) - listening / 2
    listened = None
    if working.sum() > 1e-6 and listening.sum() > 1e-6:
        listened = float(working @ before / (working.sum() * listening.sum()))
    shares = dict(zip(PHASES, read.mean(0).tolist(), strict=True))
    return Flow(coverage(read), order(read), listened, shares)


def coverage(read: np.ndarray) -> float:
    """Mean over the phases of how surely the surest reply is of it."""
    return float(read.max(0).mean())


def order(read: np.ndarray) -> float:
    """Kendall's tau-b of place and expected phase; 0 where all replies are alike."""
    from scipy.stats import kendalltau

    stage = read @ np.arange(len(PHASES))
    if np.ptp(stage) < 1e-9:
        return 0.0
    return float(kendalltau(np.arange(len(stage)), stage).statistic)
