"""What the persona tasks share: the mode track of each conversation, and rows with intervals over conversations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskSkipped
from pixel.inference.crisis import severe_risk
from pixel.models.labels import PERSONA_MODES
from pixel.persona.benchmark_rows import row_of
from pixel.persona.dialogues import Dialogue, load_dialogues
from pixel.persona.scores import Followed, Score
from pixel.persona.tracks import steady

if TYPE_CHECKING:
    from pixel.evaluation.context import Context

AGAINST = "the benchmark's labels, set by its author, a language model; no clinician reviewed them"


@dataclass(frozen=True)
class Track:
    """
    What was read of the person's turns of one conversation.

    Attributes:
        modes: probabilities `[user turns, 3]`.
        switch: the switch read-out, `[user turns]`; `None`: no such head.
        risk: probability of severe risk, `[user turns]`; 0 where it is not read.
    """

    modes: np.ndarray
    switch: list[float] | None
    risk: list[float]


def held_out(context: "Context") -> tuple[list[Dialogue], list[str]]:
    """
    The benchmark's test part without dialogues that the model was trained on, and a note where there are such.

    Raises:
        TaskSkipped: it was trained on all of them.
    """
    test = load_dialogues("test")
    kept = [one for one in test if context.seen is None or not context.seen.seen(row_of(one))]
    if not kept:
        raise TaskSkipped("the model was trained on every test dialogue of the benchmark")
    notes = [f"{len(test) - len(kept)} test dialogues left out: the model was trained on them"] if kept != test else []
    return kept, notes


def read_tracks(context: "Context", talks: Sequence[list[dict]]) -> list[Track]:
    """
    One track a conversation.

    Raises:
        TaskSkipped: the model has no trained persona head.
    """
    out = []
    for records in context.readouts([{"messages": messages} for messages in talks]):
        said = [record for record in records if record["role"] == "user"]
        people = [record.get("persona", {}) for record in said]
        if not all("mode" in one for one in people):
            raise TaskSkipped("the model was not trained to read persona modes")
        probabilities = np.array([[one["mode"][name] for name in PERSONA_MODES] for one in people])
        switch = [one["switch"] for one in people] if people and all("switch" in one for one in people) else None
        risk = [severe_risk(record) for record in said]
        out.append(Track(probabilities.reshape(-1, len(PERSONA_MODES)), switch, risk))
    return out


def follow(test: Sequence[Dialogue], tracks: Sequence[Track], **state: float) -> list[Followed]:
    """Dialogues with the mode that would have spoken."""
    return [
        Followed(one.id, one.modes, steady(track.modes, track.switch, track.risk, **state), track.modes)
        for one, track in zip(test, tracks, strict=True)
    ]


def score_row(task: str, metric: str, score: Score, better: bool, against: str, **more) -> Row:
    """A row out of a score; `more` are further attributes of `Row`."""
    return Row(
        task=task, metric=metric, value=score.value, low=score.low, high=score.high, n=score.n, group="persona",
        higher_is_better=better, against=against, reason=score.reason, **more,
    )  # fmt: skip
