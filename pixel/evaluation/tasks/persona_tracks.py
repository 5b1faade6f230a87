"""What the persona tasks share: the mode track of each conversation, and rows with intervals over conversations."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskSkipped
from pixel.models.labels import PERSONA_MODES
from pixel.persona.dialogues import Dialogue
from pixel.persona.scores import Followed, Score
from pixel.persona.tracks import steady

if TYPE_CHECKING:
    from pixel.evaluation.context import Context

AGAINST = "the benchmark's labels, set by its author, a language model; no clinician reviewed them"
Track = tuple[np.ndarray, list[float] | None]


def read_tracks(context: "Context", talks: Sequence[list[dict]]) -> list[Track]:
    """
    For each conversation the mode probabilities `[user turns, 3]` and the switch read-out (`None`: no such head).

    Raises:
        TaskSkipped: the model has no trained persona head.
    """
    out = []
    for records in context.readouts([{"messages": messages} for messages in talks]):
        people = [record.get("persona", {}) for record in records if record["role"] == "user"]
        if not all("mode" in one for one in people):
            raise TaskSkipped("the model was not trained to read persona modes")
        probabilities = np.array([[one["mode"][name] for name in PERSONA_MODES] for one in people])
        switch = [one["switch"] for one in people] if people and all("switch" in one for one in people) else None
        out.append((probabilities.reshape(-1, len(PERSONA_MODES)), switch))
    return out


def follow(test: Sequence[Dialogue], said: Sequence, switch: Sequence, **state: float) -> list[Followed]:
    """Dialogues with the mode that would have spoken."""
    return [
        Followed(one.id, one.modes, steady(p, mark, **state), p)
        for one, p, mark in zip(test, said, switch, strict=True)
    ]


def score_row(task: str, metric: str, score: Score, better: bool, against: str, **more) -> Row:
    """A row out of a score; `more` are further attributes of `Row`."""
    return Row(
        task=task, metric=metric, value=score.value, low=score.low, high=score.high, n=score.n, group="persona",
        higher_is_better=better, against=against, reason=score.reason, **more,
    )  # fmt: skip
