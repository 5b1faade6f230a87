"""Whether empathy holds still: over paraphrases of one message, and over the turns of one conversation."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pixel.empathy.exchanges import Exchange
from pixel.empathy.icc import icc_agreement, spread_ratio
from pixel.empathy.mechanisms import MechanismReader
from pixel.empathy.paraphrases import Paraphrases, paraphrase_sets
from pixel.empathy.turn_consistency import turn_consistency
from pixel.evaluation.items import Item
from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.tasks.empathy_replies import (
    MAX_NEW_TOKENS,
    PLACES,
    asked,
    encoder_of,
    measured_row,
    session_places,
    so_far,
)  # fmt: skip
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.models.labels import EPITOME_MECHANISMS

if TYPE_CHECKING:
    from pixel.evaluation.context import Context

TASK = "empathy_consistency"
READ: Mapping[str, Callable[[Mapping[str, Any]], float]] = {
    "distress": lambda record: record["emotion"]["distress"],
    "valence": lambda record: record["emotion"]["vad"]["valence"],
    "arousal": lambda record: record["emotion"]["vad"]["arousal"],
    "sadness": lambda record: record["emotion"]["labels"]["sadness"],
    "risk": lambda record: float(np.dot(record["risk"]["severity"], np.arange(7))),
}
"""Read-outs of a person's message that paraphrasing must not move."""
WORDS = "sets of four wordings of one message, written for this project"


class EmpathyConsistency:
    """Intraclass correlations over paraphrases, and levels at places where the person is in the same state."""

    name, group, needs = TASK, "empathy", ("generation",)
    about = "steadiness of read-outs and of replies' levels over paraphrases and over turns"

    def run(self, context: "Context") -> TaskResult:
        encoder = encoder_of(context)
        reader = MechanismReader(encoder=encoder)
        rows, items, notes = [], [], []
        if "readouts" in context.model.abilities:
            rows, items = readout_rows(context, paraphrase_sets())
        rows += reply_rows(context, reader)
        try:
            rows += turn_rows(context, reader)
        except TaskSkipped as reason:
            notes.append(f"consistency over turns left out: {reason}")
        return TaskResult(rows, items, notes)


def readout_rows(context: "Context", sets: Sequence[Paraphrases]) -> tuple[list[Row], list[Item]]:
    """How steadily the model reads the messages themselves."""
    talks = [{"messages": [{"role": "user", "content": text}]} for one in sets for text in one.says]
    records = [record[-1] for record in context.readouts(talks)]
    rows, items = [], []
    for name, value in READ.items():
        table = np.array([_value(value, record) for record in records]).reshape(len(sets), -1)
        if np.isnan(table).all():
            continue
        rows += table_rows(context, f"readout_{name}", table)
        spread = table.std(1, ddof=1)
        items += [
            Item(f"paraphrases:{one.id}", f"readout_{name}_spread", each)
            for one, each in zip(sets, spread, strict=True)
        ]
    return rows, items


def reply_rows(context: "Context", reader: MechanismReader) -> list[Row]:
    """How steady the levels of the model's replies to paraphrases are."""
    sets = context.sample(paraphrase_sets(), PLACES // len(paraphrase_sets()[0].says))
    texts = [(one.id, text) for one in sets for text in one.says]
    said = context.generate([asked(text) for _, text in texts], max_new_tokens=MAX_NEW_TOKENS)
    levels = reader.read([Exchange(id, id, text, reply) for (id, text), reply in zip(texts, said, strict=True)])
    levels[[not reply.strip() for reply in said]] = np.nan
    rows = []
    for place, name in enumerate((*EPITOME_MECHANISMS, "total")):
        level = levels[:, place] if name != "total" else levels.sum(1)
        rows += table_rows(context, f"reply_{name}", level.reshape(len(sets), -1))
    return rows


def table_rows(context: "Context", name: str, table: np.ndarray) -> list[Row]:
    """ICC(2,1) and the ratio of spreads of one table `[sets, versions]`, intervals by sets."""
    out, whole = [], int((~np.isnan(table).any(1)).sum())
    for kind, metric, higher in (("icc", icc_agreement, True), ("spread_ratio", spread_ratio, False)):
        interval = bootstrap_interval(
            lambda rows, metric=metric: metric(table[rows]), len(table), resamples=context.resamples, seed=context.seed
        )
        out.append(
            measured_row(
                TASK, f"{name}_{kind}", metric(table), whole, interval, majority=0.0 if higher else None,
                higher_is_better=higher, reference=f"{WORDS}; n counts sets",
            )
        )  # fmt: skip
    return out


def turn_rows(context: "Context", reader: MechanismReader) -> list[Row]:
    """The same state of the client in one session should get the same level; helpers' own replies beside."""
    if "readouts" not in context.model.abilities:
        raise TaskSkipped("the client's state is read by the model, and this one does not read")
    places = context.sample(session_places(context.corpus("annomi")), PLACES)
    said = context.generate([so_far(row, turn) for row, turn in places], max_new_tokens=MAX_NEW_TOKENS)
    groups = [row["group"] for row, _ in places]
    heard = [row["messages"][turn - 1]["content"] for row, turn in places]
    theirs = [row["messages"][turn]["content"] for row, turn in places]
    by_id = {row["id"]: row for row, _ in places}
    read = dict(zip(by_id, context.readouts(list(by_id.values())), strict=True))
    states = np.array([_state(read[row["id"]][turn - 1]) for row, turn in places])
    if np.isnan(states).all():
        raise TaskSkipped("the model reads neither distress nor valence")
    states = states[:, ~np.isnan(states).all(0)]
    rows = []
    for who, replies in (("model", said), ("people", theirs)):
        pairs = [Exchange("", group, text, reply) for group, text, reply in zip(groups, heard, replies, strict=True)]
        level = reader.read(pairs).sum(1)

        def measure(rows: np.ndarray, level=level):
            return turn_consistency(level[rows], states[rows], np.asarray(groups)[rows], seed=context.seed)

        every = np.arange(len(level))
        # a session drawn twice would be alike with itself: halves of the sessions instead of draws with replacement
        interval = halved_interval(measure, groups, context.resamples, context.seed)
        rows.append(
            measured_row(
                TASK, f"turns_{who}", measure(every), len(level), interval, majority=0.0,
                reference="1: same state in a session, same level; 0: as far apart as turns of different sessions",
            )
        )  # fmt: skip
    return rows


def halved_interval(measure, groups: Sequence[str], draws: int, seed: int) -> tuple[float, float] | None:
    """
    95 percent interval by halves of the groups drawn without replacement: the spread of halves around the whole is
    about that of wholes around the truth (Politis, Romano & Wolf, "Subsampling", 1999, chapter 2).
    """
    names, own = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    whole = measure(np.arange(len(own))).value
    if whole is None or len(names) < 4:
        return None
    generator, found = np.random.default_rng(seed), []
    for _ in range(draws):
        half = generator.permutation(len(names))[: len(names) // 2]
        value = measure(np.flatnonzero(np.isin(own, half))).value
        if value is not None:
            found.append(value - whole)
    if len(found) * 2 < draws:
        return None
    low, high = np.quantile(found, [0.025, 0.975])
    return float(whole - high), float(whole - low)


def _value(value: Callable, record: Mapping[str, Any]) -> float:
    try:
        return float(value(record))
    except KeyError:  # the model was not trained to read it
        return float("nan")


def _state(record: Mapping[str, Any]) -> list[float]:
    return [_value(READ["distress"], record), _value(READ["valence"], record)]
