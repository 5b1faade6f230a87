"""One conversation from one number: scenario, session, labels, gates; the same row wherever it is made."""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pixel.data.schema import conversation
from pixel.knowledge.conversations.scenarios import scenario
from pixel.knowledge.conversations.session import run
from pixel.knowledge.conversations.talk import Talk, Turn
from pixel.knowledge.loading import Knowledge
from pixel.models.labels import FIELDS

SOURCE, LICENCE = "generated", "Apache-2.0"
ATTEMPTS = 8
Gate = Callable[[Mapping[str, Any]], list]
Rewriter = Callable[[list[Turn], random.Random, Callable[[list[Turn]], bool]], list[Turn]]


@dataclass(frozen=True)
class Settings:
    """
    What a set of conversations is made of; with an index it determines a row.

    Attributes:
        seed: of the design and of every choice.
        categories, modalities: only these; all by default.
        level: complexity 1 to 5; all in balance by default.
        switches: share of conversations with a practical request in between.
        weights: template id -> weight, from reviews.
        dropped: ids of rows that a review rejected.
    """

    seed: int = 0
    categories: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    level: int | None = None
    switches: float = 0.05
    weights: Mapping[str, float] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()


@dataclass
class Made:
    """A row (`None` if none passed), the kinds of defects met on the way, and the templates used."""

    row: dict[str, Any] | None
    defects: list[str]
    templates: list[str]


def row_id(settings: Settings, index: int) -> str:
    """The id of row `index`."""
    return f"generated-{settings.seed}-{index:07d}"


def default_gates() -> list[Gate]:
    """The gates of `pixel.knowledge.quality`."""
    from pixel.knowledge.quality.gates import default_gates

    return default_gates()


def make(
    base: Knowledge,
    settings: Settings,
    index: int,
    gates: Iterable[Gate] = (),
    rewriter: Rewriter | None = None,
) -> Made:
    """
    Row `index`. Where a gate finds a defect another is made in its place, up to `ATTEMPTS` times.

    Args:
        base: the knowledge base.
        settings, index: determine the row.
        gates: each from a conversation to a list of defects (with a `kind`).
        rewriter: puts the turns into other words (see `rewriting`); by default the grammar's words stand.
    """
    met: list[str] = []
    gates = list(gates)
    if row_id(settings, index) in settings.dropped:
        return Made(None, ["rejected_by_review"], [])
    for attempt in range(ATTEMPTS):
        try:
            talk = play(base, settings, index, attempt)
        except LookupError as nothing:
            met.append(f"no_words:{nothing}")
            continue
        row = as_row(talk, settings, index)
        found = [defect.kind for gate in gates for defect in gate(row)]
        if found:
            met += found
            continue
        if rewriter is not None:

            def passes(turns: list[Turn], talk: Talk = talk) -> bool:
                trial = as_row(talk, settings, index, turns)
                return not any(gate(trial) for gate in gates)

            rng = random.Random(f"{settings.seed}:{index}:{attempt}:words")
            row = as_row(talk, settings, index, rewriter(talk.turns, rng, passes))
        return Made(row, met, list(talk.chooser.used))
    return Made(None, met, [])


def play(base: Knowledge, settings: Settings, index: int, attempt: int = 0) -> Talk:
    """The session of row `index`, played by the grammar."""
    plan = scenario(base, settings.seed, index, attempt, settings.categories, settings.modalities, settings.level)
    rng = random.Random(f"{settings.seed}:{index}:{attempt}:talk")
    talk = Talk(base, plan, rng, settings.weights)
    run(talk, switch=plan.level > 1 and rng.random() < settings.switches)
    return talk


def as_row(talk: Talk, settings: Settings, index: int, turns: list[Turn] | None = None) -> dict[str, Any]:
    """
    The schema's columns, and besides: `rationale` (per turn a mapping of knowledge-base ids), `category`, `scenario`.
    """
    turns = turns or talk.turns
    plan = talk.plan
    labels = {name: [turn.labels.get(name) for turn in turns] for name in FIELDS}
    row = conversation(
        [{"role": turn.role, "content": turn.text} for turn in turns],
        id=row_id(settings, index),
        source=SOURCE,
        licence=LICENCE,
        group=f"scenario-{plan.id}",
        difficulty=round(difficulty(talk, len(turns)), 3),
        **{name: column for name, column in labels.items() if any(label is not None for label in column)},
    )
    row["rationale"] = [turn.reason | {"templates": turn.templates} for turn in turns]
    row["category"] = [plan.category] + ([plan.comorbid] if plan.comorbid else [])
    row["scenario"] = plan.record()
    return row


def difficulty(talk: Talk, turns: int) -> float:
    """In [0, 1]: complexity, then risk, a second category, a guarded teller, and length."""
    plan = talk.plan
    guarded = plan.person.style in ("guarded", "testing", "minimising", "circling")
    parts = [0.5 * (plan.level - 1) / 4, 0.2 * plan.risk / 6, 0.1 * bool(plan.comorbid), 0.1 * guarded]
    return sum(parts) + 0.1 * min(1.0, turns / 40)
