"""What the empathy tasks share: places where a person waits for a reply, replies, and rows out of figures."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from pixel.empathy.chance_distance import chance_distance
from pixel.empathy.comparison import Comparison
from pixel.empathy.exchanges import Exchange, exchanges
from pixel.evaluation.items import Item
from pixel.evaluation.row import Row
from pixel.evaluation.validity import validity_row as row_of_validity
from pixel.metrics.ks_distance import ks_distance
from pixel.metrics.measure import Measure
from pixel.metrics.wasserstein_distance import wasserstein_distance
from pixel.models.persona_state import PERSONA_PROMPTS
from pixel.text.sentence_encoder import RememberingEncoder

if TYPE_CHECKING:
    from pixel.evaluation.context import Context
    from pixel.evaluation.validity import Validity

CALIBRATION = "empathy_calibration"
PLACES = 60
"""Replies that the model is asked for in each part, at most."""
MAX_NEW_TOKENS = 80
MOST_WORDS = 200
"""Longer messages are not used as places: they cost time and say little more."""
LEAST_WORDS = 6
"""A client's turn of fewer words ("mm-hmm") calls for no particular reply."""
HISTORY = 6
"""Messages before a reply that the model is shown of a session."""


def peer_places(context: "Context") -> list[Exchange]:
    """EPITOME's exchanges of seeker posts that neither the model nor the shipped reader was fitted on."""
    from pixel.empathy.mechanisms import unseen

    return [pair for pair in exchanges(context.corpus("epitome")) if unseen(pair.group)]


def short_places(context: "Context", pairs: Sequence[Exchange]) -> list[Exchange]:
    """One reply a post, posts of moderate length, at most `PLACES`."""
    first = {pair.message: pair for pair in reversed(pairs)}
    fitting = [first[message] for message in dict.fromkeys(pair.message for pair in pairs)]
    return context.sample([pair for pair in fitting if len(pair.message.split()) <= MOST_WORDS], PLACES)


def replied(context: "Context", pairs: Sequence[Exchange]) -> list[Exchange]:
    """The same places with the model's replies; a place it says nothing to is left out."""
    said = context.generate([asked(pair.message) for pair in pairs], max_new_tokens=MAX_NEW_TOKENS)
    return [pair._replace(reply=text) for pair, text in zip(pairs, said, strict=True) if text.strip()]


def asked(message: str) -> list[dict[str, str]]:
    """A single message, to somebody who is there to help."""
    return [{"role": "system", "content": PERSONA_PROMPTS["therapy"]}, {"role": "user", "content": message}]


def session_places(rows: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], int]]:
    """Every place in sessions where a helper answers a client's turn of a few words: the row and the reply's turn."""
    return [
        (row, turn)
        for row in rows
        for turn in range(1, len(row["messages"]))
        if row["messages"][turn]["role"] == "assistant"
        and row["messages"][turn - 1]["role"] == "user"
        and len(row["messages"][turn - 1]["content"].split()) >= LEAST_WORDS
    ]


def so_far(row: Mapping[str, Any], turn: int) -> list[dict[str, str]]:
    """The last messages before a turn, behind the helper's prompt."""
    told = [{"role": one["role"], "content": one["content"]} for one in row["messages"][max(0, turn - HISTORY) : turn]]
    return [{"role": "system", "content": PERSONA_PROMPTS["therapy"]}, *told]


def every_row(context: "Context", name: str) -> list[Mapping[str, Any]]:
    """
    Rows of all splits, also those the model was trained on: to score a measure that neither the model nor this corpus
    took part in, never to score the model.

    Raises:
        TaskSkipped: the corpus is not there.
    """
    context.corpus(name)
    return [row for rows in context.corpora(name).values() for row in rows]


def encoder_of(context: "Context") -> RememberingEncoder:
    """The sentence encoder, remembering for as long as the tasks of a run share it."""
    return _remembering(context.encoder())


@lru_cache(maxsize=1)
def _remembering(encoder) -> RememberingEncoder:
    return RememberingEncoder(encoder)


# ── rows ──


def validity_row(task: str, metric: str, found: "Validity", reference: str | None = None) -> Row:
    """A measure scored against people."""
    return row_of_validity(found, task=task, metric=metric, group="empathy", reference=reference)


def measured_row(
    task: str, metric: str, found: Measure, n: int, interval: tuple[float, float] | None = None, **more
) -> Row:
    """A figure of the model."""
    low, high = interval if interval and found.value is not None else (None, None)
    return Row(task, metric, found.value, "empathy", n=n, low=low, high=high, reason=found.reason, **more)


def comparison_row(task: str, metric: str, found: Comparison, **more) -> Row:
    """How far the model is from people, whichever way; the words say which. 0 is best, so less is better."""
    words = f"distance from people; model {found.verdict}, margin {found.margin:g}"
    if found.people is not None and found.model is not None:
        words += f"; people {found.people:.3f} (n {found.n[0]}), model {found.model:.3f}"
    reference = "; ".join(part for part in (words, more.pop("reference", None)) if part)
    low, high = None, None
    if found.low is not None:
        low, high = sorted((abs(found.low), abs(found.high)))
        low = 0.0 if found.low <= 0 <= found.high else low
    gap = None if found.difference is None else abs(found.difference)
    return Row(
        task, metric, gap, "empathy", n=found.n[1], low=low, high=high, higher_is_better=False,
        reference=reference, reason=found.reason, **more,
    )  # fmt: skip


def items_of(metric: str, pairs: Sequence[Exchange], values: Iterable[float]) -> list[Item]:
    """One item a reply; replies without a value are left out."""
    scored = zip(pairs, values, strict=True)
    return [Item(pair.id, metric, value, pair.group) for pair, value in scored if np.isfinite(value)]


def distance_rows(
    task: str,
    context: "Context",
    prefix: str,
    names: Sequence[str],
    people: np.ndarray,
    model: np.ndarray,
    groups: tuple[Sequence[str], Sequence[str]],
    against: str,
) -> list[Row]:
    """
    KS and Wasserstein distance of one reader's readings of people and of the model, beside chance.

    Args:
        groups: person, session or thread of each of people's turns and of each of the model's.
    """
    out = []
    for place, name in enumerate(names):
        for kind, distance in (("ks", ks_distance), ("wasserstein", wasserstein_distance)):
            chance = chance_distance(
                distance, people[:, place], len(model), groups[0], len(set(groups[1])), seed=context.seed
            )
            words = f"baseline: people from other people, 95% below {chance[1]:.3f}" if chance else None
            out.append(
                measured_row(
                    task, f"{prefix}_{name}_{kind}", distance(people[:, place], model[:, place]), len(model),
                    baseline=chance[0] if chance else None, higher_is_better=False, reference=words,
                    against=f"{against}; the same reader on both sides",
                )
            )  # fmt: skip
    return out
