"""Judged conversations: the model's replies to simulated clients beside a neutral one, by a validated panel."""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Score, Target, mean, scorer, stderr
from inspect_ai.solver import TaskState

from pixel.evaluation.inspect_tasks.clients import clients
from pixel.evaluation.inspect_tasks.tasks import CONFIG, plain_messages, scripted_client
from pixel.evaluation.judges.judge import Pair, Side
from pixel.evaluation.judges.panel import Panel

NEUTRAL = "I hear you. Can you tell me more about that?"
"""What every reply is set beside: it fits anywhere and says nothing."""


@task
def judged_replies(panel: Panel, criterion: str = "empathy") -> Task:
    """
    How often a reply is chosen over a neutral one, over all turns of the clients who are in no danger.

    Clients in danger are left out: whether a reply to them is right is a matter of safety, and no judge decides that.

    Args:
        panel: convened (`pixel.evaluation.judges.convene`), so held against people already.
        criterion: `empathy` or `quality`.

    Raises:
        PanelRefused: fewer than two judges are validated on the criterion; the model is not asked anything.
    """
    panel.require(criterion)
    samples = [
        Sample(id=client.id, input=client.turns[0].say, target=client.about, metadata={"client": client.id})
        for client in clients().values()
        if not client.in_danger
    ]
    return Task(
        name="judged_replies",
        dataset=MemoryDataset(samples),
        solver=scripted_client(),
        scorer=panel_scorer(panel, criterion),
        config=CONFIG,
    )


@scorer(metrics=[{"*": [mean(), stderr()]}])
def panel_scorer(panel: Panel, criterion: str):
    """`preferred`: share of turns won; `.5` is no better than the neutral reply."""

    async def score(state: TaskState, target: Target) -> Score:
        said = plain_messages(state)
        pairs = [
            Pair(
                f"{place}",
                Side(client["content"], reply["content"], "new"),
                Side(client["content"], NEUTRAL, "new"),
                "new",
            )
            for place, (client, reply) in enumerate(zip(said[::2], said[1::2], strict=False))
        ]
        won = panel.verdict(pairs, criterion)
        agreed = [one.line() for one in panel.agreements if one.criterion == criterion]
        return Score(value={"preferred": float(won.mean())}, explanation="\n".join(agreed))

    return score
