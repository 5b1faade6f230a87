"""The differential engine: every category checked, ruled out or ranked, with reasons by criterion id."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pixel.clinical.differential.criteria import Outcome, assess
from pixel.clinical.differential.findings import Picture
from pixel.clinical.differential.rules import explained_better, ruled_out
from pixel.knowledge.graph import SymptomGraph
from pixel.knowledge.loading import Knowledge, knowledge

WEIGHTS = Path(__file__).with_name("weights.json")
FEATURES = ("share", "core", "explained", "typical", "duration", "impairment", "excluded", "topic")
BACKGROUND = ("function", "ruleout")
"""Domains of findings that no category has to explain."""


@dataclass(frozen=True)
class Ranked:
    """
    A category in a differential.

    Attributes:
        outcome: its criteria.
        probability: in [0, 1], over all categories that were considered.
        supported: whether the engine would name it, rather than keep it in mind.
        separates: the best-ranked neighbour and what separates the two, where the knowledge base says so.
    """

    outcome: Outcome
    probability: float
    supported: bool
    separates: tuple[str, str] | None = None

    def record(self) -> dict[str, Any]:
        """Ready for JSON."""
        found = {
            "category": self.outcome.category,
            "probability": round(self.probability, 4),
            "supported": self.supported,
            "criteria_hold": self.outcome.holds,
        }
        found |= {name: list(getattr(self.outcome, name)) for name in ("met", "missing", "denied", "excluded")}
        found |= {"unchecked": list(self.outcome.unchecked), "reasons": list(self.outcome.reasons)}
        if self.separates:
            found["separates"] = {"from": self.separates[0], "how": self.separates[1]}
        return found


class DifferentialEngine:
    r"""
    Ranks categories by a conditional logit over what the criteria check says,

    .. math:: P(c) = \frac{\exp(w \cdot x_c)}{\sum_{d} \exp(w \cdot x_d)}

    where :math:`x_c` holds: `share` of criteria met; `core`, the least met core criterion; `explained`, the part of
    the disclosed symptoms, weighted by how telling each is, that the category asks for; `typical`, the part of the
    category's own symptoms that was disclosed; `duration` and `impairment` (1 met, 0 not said or not asked, -1
    contradicted); `excluded` (1 or 0); `topic`, the log-probability that the words are about the category.
    Categories without any of their core symptoms are not considered. Those ruled out stay in the record, never
    supported, so that a reader sees why.

    There are two sets of weights: `entered` for findings that a person gave, `read` for pictures read from text,
    where every finding is doubtful. Both were fitted on made vignettes (see `recipes/differential.py fit`), never on
    those of an evaluation.

    Args:
        base: the knowledge base.
        weights: `entered` and `read`, each by feature, with `floor`: the probability from which a category is
            supported, and `ratio`: the part of the best one's probability that it has to have.

    Source: McFadden, "Conditional logit analysis of qualitative choice behavior", 1974.
    """

    def __init__(self, base: Knowledge | None = None, weights: Mapping[str, Mapping[str, float]] | None = None):
        self.base = base or knowledge()
        self.graph = SymptomGraph(self.base)
        given = json.loads(WEIGHTS.read_text(encoding="utf-8")) if weights is None else weights
        self.weights = dict(given)

    def outcomes(self, picture: Picture) -> dict[str, Outcome]:
        """Every category with some of each core criterion, checked, with the rules between categories applied."""
        checked = {name: assess(category, picture) for name, category in self.base.categories.items()}
        near = {name: outcome for name, outcome in checked.items() if outcome.core > 0}
        return explained_better(near, self.base.categories)

    def features(self, outcome: Outcome, picture: Picture) -> list[float]:
        """`FEATURES` of one category."""
        asked = set(self.graph.symptoms_of(outcome.category))
        present = {
            name: picture.strength(name) * (0.1 + self.graph.specificity(name))
            for name in picture.findings
            if picture.strength(name) > 0 and self.base.symptoms[name].domain not in BACKGROUND
        }
        total = sum(present.values())
        explained = sum(weight for name, weight in present.items() if name in asked) / total if total else 0.0
        typical = sum(picture.strength(name) for name in asked) / len(asked) if asked else 0.0

        def state(name: str) -> float:
            return float(name in outcome.met) - float(name in outcome.denied)

        out = float(bool(outcome.excluded) or "onset" in outcome.denied)
        topic = picture.topics.get(outcome.category, 0.0)
        return [outcome.share, outcome.core, explained, typical, state("duration"), state("impairment"), out, topic]

    def rank(self, picture: Picture, k: int | None = None) -> list[Ranked]:
        """
        The differential, most probable first.

        Args:
            picture: what was disclosed.
            k: how many at most (default: all considered).

        Returns:
            empty where no category has a core symptom: an honest "nothing fits".
        """
        outcomes = self.outcomes(picture)
        if not outcomes:
            return []
        names, weights = list(outcomes), self.weights["read" if picture.topics else "entered"]
        vector = np.array([weights[name] for name in FEATURES])
        scores = np.array([self.features(outcomes[name], picture) for name in names]) @ vector
        odds = np.exp(scores - scores.max())
        probability = dict(zip(names, (odds / odds.sum()).tolist(), strict=True))
        order = sorted(names, key=lambda name: (-probability[name], name))
        ranked = [
            Ranked(
                outcomes[name],
                probability[name],
                not ruled_out(outcomes[name])
                and probability[name] >= max(weights["floor"], weights["ratio"] * probability[order[0]]),
                self._separates(name, order),
            )
            for name in order
        ]
        return ranked[:k]

    def _separates(self, name: str, order: Sequence[str]) -> tuple[str, str] | None:
        pairs = {pair.other: pair.separates for pair in self.base.categories[name].differentials}
        return next(((other, pairs[other]) for other in order if other in pairs), None)
