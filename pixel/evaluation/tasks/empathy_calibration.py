"""The model's replies beside people's, as distributions: behaviours, levels, distress, and what to change."""

from typing import TYPE_CHECKING

from pixel.evaluation.items import Item
from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.tasks.empathy_behaviours import behaviours
from pixel.evaluation.tasks.empathy_distress import distress
from pixel.evaluation.tasks.empathy_levels import levels
from pixel.evaluation.tasks.empathy_replies import CALIBRATION, MAX_NEW_TOKENS

if TYPE_CHECKING:
    from pixel.evaluation.context import Context


class EmpathyCalibration:
    """
    Behaviours against AnnoMI's good sessions, levels against EPITOME's peers, read change of distress against ESConv.

    Margins were set beforehand (`pixel.empathy.behaviour_shares.MARGINS`). What is read of the model is corrected by
    the errors that the same reader makes on people's turns it was not fitted on, and the interval carries them.
    """

    name, group, needs = CALIBRATION, "empathy", ("data", "generation")
    about = "behaviours, levels and change of distress beside people's: distances, equivalence, recommendations"

    def run(self, context: "Context") -> TaskResult:
        rows: list[Row] = []
        items: list[Item] = []
        notes = [
            f"replies are cut at {MAX_NEW_TOKENS} tokens; people's are not",
            "intervals and verdicts hold for each figure alone: of twenty alike about one is told apart by chance",
        ]
        for part in (behaviours, levels, distress):
            try:
                found = part(context)
            except TaskSkipped as reason:
                notes.append(f"{part.__name__} left out: {reason}")
                continue
            rows, items, notes = rows + found.rows, items + found.items, notes + found.notes
        if not rows:
            raise TaskSkipped("; ".join(notes[2:]))
        return TaskResult(rows, items, notes)
