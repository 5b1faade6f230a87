"""How far each reply gets: from not taking the message up at all to exploring it together."""

import numpy as np

from pixel.data.difficulty import MECHANISM_STAGE
from pixel.models.labels import EMPATHY_STAGES, EPITOME_MECHANISMS


def stage_of_replies(present: np.ndarray, specific: np.ndarray) -> np.ndarray:
    """
    Int `[replies]`, indices into `EMPATHY_STAGES`.

    The highest stage of the mechanisms that a reply has (`MECHANISM_STAGE`); without any, `recognition` if it is
    specific to its message, else `absent`. That explorations stand above interpretations is a convention of this
    project, not a finding.

    Args:
        present: bool `[replies, 3]`, `EPITOME_MECHANISMS`.
        specific: bool `[replies]`.
    """
    stages = np.where(specific, EMPATHY_STAGES.index("recognition"), EMPATHY_STAGES.index("absent"))
    for column, name in enumerate(EPITOME_MECHANISMS):
        reached = EMPATHY_STAGES.index(MECHANISM_STAGE[name])
        stages = np.where(present[:, column], np.maximum(stages, reached), stages)
    return stages


def share_at_least(stages: np.ndarray) -> dict[str, float]:
    """Stage -> share of the replies that reach it or a higher one; empty of no replies."""
    if not len(stages):
        return {}
    return {name: float((stages >= index).mean()) for index, name in enumerate(EMPATHY_STAGES)}


def usual_stage(stages: np.ndarray) -> str | None:
    """The highest stage that at least half of the replies reach; `None` of no replies."""
    shares = share_at_least(stages)
    return next((name for name in reversed(EMPATHY_STAGES) if shares.get(name, 0.0) >= 0.5), None)
