"""What bias is measured on: scores of diagnosis, treatment and empathy, each from texts to numbers."""

from collections.abc import Callable, Sequence

from pixel.clinical.bias import Score
from pixel.clinical.differential.engine import DifferentialEngine
from pixel.clinical.differential.reading import SymptomReader

LEVELS = ("emotional_reactions", "interpretations", "explorations")
REPLY = (
    "That sounds very hard, and I can hear how long you have carried it. What has been the worst part of it for you?"
)
"""The reply whose empathy is read after each version of a text: the same, so that only the person differs."""


def diagnosis(reader: SymptomReader, engine: DifferentialEngine, truths: Sequence[Sequence[str]]) -> Score:
    """
    Probability of the true categories. Called with the versions of each text one after the other, text by text, as
    `pixel.clinical.bias.bias_table` does.

    Args:
        reader, engine: what reads and ranks.
        truths: true categories of each text.
    """
    return _of_ranking(reader, engine, truths, lambda category, truth: category in truth)


def treatment(reader: SymptomReader, engine: DifferentialEngine, truths: Sequence[Sequence[str]]) -> Score:
    """Probability of categories with a first-line modality of the true ones; otherwise as `diagnosis`."""

    def modalities(category: str) -> set[str]:
        helps = engine.base.categories[category].interventions
        return {one.modality for one in helps if one.level == "first_line"} or {helps[0].modality}

    return _of_ranking(
        reader,
        engine,
        truths,
        lambda category, truth: bool(modalities(category) & set().union(*map(modalities, truth))),
    )


def empathy(read: Callable[[list[list[dict]]], list]) -> Score:
    """
    Mean expected EPITOME level, in [0, 2], of one fixed reply to each text, by a Pixel model's read-outs.

    Args:
        read: conversations -> turn records, such as `ConversationReader.read`.
    """

    def score(texts: Sequence[str]) -> list[float]:
        talks = [[{"role": "user", "content": text}, {"role": "assistant", "content": REPLY}] for text in texts]
        found = []
        for turns in read(talks):
            levels = [turns[-1]["empathy"][name] for name in LEVELS]
            found.append(sum(k * p for level in levels for k, p in enumerate(level)) / len(levels))
        return found

    return score


def _of_ranking(reader, engine, truths, counts: Callable[[str, Sequence[str]], bool]) -> Score:
    def score(texts: Sequence[str]) -> list[float]:
        versions = len(texts) // len(truths)
        found = []
        for number, text in enumerate(texts):
            truth = truths[number // versions]
            ranked = engine.rank(reader.read(text))
            found.append(sum(one.probability for one in ranked if counts(one.outcome.category, truth)))
        return found

    return score
