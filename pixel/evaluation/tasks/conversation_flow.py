"""Therapeutic flow: phases of whole conversations with the model's words in the helper's places."""

from pixel.evaluation.context import Context
from pixel.evaluation.conversation.flow import Flow, flow
from pixel.evaluation.conversation.measured import standing
from pixel.evaluation.conversation.phases import PHASES, default_phases
from pixel.evaluation.conversation.places import flattered, talked
from pixel.evaluation.items import Item
from pixel.evaluation.row import Row
from pixel.evaluation.shares import mean_row
from pixel.evaluation.task import TaskResult

METRICS = ("coverage", "order", "listened")


class ConversationFlow:
    """
    Rows `replies/...` for the model's words and `people/...` for those that were there: `coverage` of the five phases,
    `order` of the phases, what was `listened` to before something was suggested, and the share of each phase.

    The model answers what was really said, place by place: a model is not judged by a client it would have had.
    """

    name, group, needs = "conversation_flow", "conversation", ("generation",)
    about = "phases (opening, exploring, understanding, working, closing): coverage, order, listening first"

    def run(self, context: Context) -> TaskResult:
        talks = talked(context)
        context.encoder()
        reader = default_phases()
        rows: list[Row] = []
        items: list[Item] = []
        for side, talk_of in (("replies", lambda talk: talk.model), ("people", lambda talk: talk.people)):
            read = reader.read([talk_of(talk) for talk in talks])
            flows = [flow(one) for one in read]
            for name in METRICS:
                found = standing(f"flow_{name}")
                rows, own = self._row(context, rows, f"{side}/{name}", talks, flows, lambda f, n=name: getattr(f, n),
                                      found)  # fmt: skip
                items += own if side == "replies" else []
            for phase in PHASES:
                rows, own = self._row(context, rows, f"{side}/share_{phase}", talks, flows,
                                      lambda f, p=phase: f.shares[p], standing("phases"))  # fmt: skip
                items += own if side == "replies" else []
        notes = [f"{len(talks)} conversations; the model answers what was really said"]
        return TaskResult(rows, items, notes + flattered([talk.group for talk in talks]))

    def _row(self, context: Context, rows, metric: str, talks, flows: list[Flow | None], value_of, found):
        known = [
            (talk, value)
            for talk, one in zip(talks, flows, strict=True)
            if one is not None and (value := value_of(one)) is not None
        ]
        row = mean_row(
            context, [value for _, value in known], [talk.group for talk, _ in known], metric=metric, task=self.name,
            group=self.group, validated=found.validated, against=found.against, reason="no conversation has it",
        )  # fmt: skip
        return [*rows, row], [Item(talk.id, metric, value, talk.group) for talk, value in known]
