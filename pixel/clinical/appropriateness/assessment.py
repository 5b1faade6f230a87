"""A conversation assessed: every helper turn against the rules, the flow after danger, the rubric, one score."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from pixel.clinical.appropriateness.behaviours import BehaviourReader, default_reader
from pixel.clinical.appropriateness.flow import FlowFinding, check_flow
from pixel.clinical.appropriateness.pair_features import Pair
from pixel.clinical.appropriateness.quality import quality
from pixel.clinical.appropriateness.rubric import RubricScore, score
from pixel.clinical.appropriateness.session_features import session_features
from pixel.clinical.appropriateness.violations import TurnVerdict, ViolationDetector, default_detector

SURE = 0.9
"""From this probability on a single breach vetoes by its gravity; others count by how many turns have them."""
LEAST_REPLIES = 2
"""Fewer readable replies are too few to rate a whole conversation."""


@dataclass
class Verdict:
    """
    Attributes:
        turns: message number -> verdict, of every helper turn.
        flow: what is missing or out of place in the answer to danger.
        rubric: scores, `None` where there is too little to rate.
        quality: in [0, 1], likeness of the whole to good practice; `None` likewise.
        appropriateness: in [0, 1], `quality` (or 1) times what breaches leave; `None` if nothing was read.
        abstains: why there is no rating, or `None`.
        reasons: why the score is what it is.
    """

    turns: dict[int, TurnVerdict]
    flow: list[FlowFinding]
    rubric: RubricScore | None
    quality: float | None
    appropriateness: float | None
    abstains: str | None
    reasons: list[str] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """As a line of the output."""
        return {
            "appropriateness": _round(self.appropriateness),
            "quality": _round(self.quality),
            "abstain": self.abstains is not None,
            "reasons": self.reasons,
            "rubric": self.rubric
            and {"total": _round(self.rubric.total), "skill": _round(self.rubric.skill),
                 "alliance": _round(self.rubric.alliance), "items": self.rubric.items},
            "turns": [
                {
                    "index": index,
                    "violations": [
                        {"rule": v.rule, "probability": _round(v.probability), "reason": v.reason}
                        for v in verdict.violations
                    ],
                    "abstain": verdict.abstains,
                }
                for index, verdict in self.turns.items()
            ],
            "flow": [{"rule": f.rule, "index": f.turn, "reason": f.reason} for f in self.flow],
        }  # fmt: skip


class Assessor:
    """
    Rates conversations.

    Args:
        detector, reader: default: those that ship with Pixel.
    """

    def __init__(self, detector: ViolationDetector | None = None, reader: BehaviourReader | None = None):
        self.detector = detector or default_detector()
        self.reader = reader or default_reader()

    def assess(
        self, conversations: Sequence[Sequence[dict]], danger: Sequence[Sequence[float | None]] | None = None
    ) -> list[Verdict]:
        """
        Verdicts in order.

        Args:
            conversations: `messages` each, `{"role", "content"}`.
            danger: for every message of every conversation the probability of danger by a crisis detector, or `None`
                where it did not say; without it the client's words are read here.
        """
        places, pairs, given = [], [], []
        for number, messages in enumerate(conversations):
            client, risk = "", None
            for index, message in enumerate(messages):
                if message["role"] == "user":
                    client, risk = message["content"], danger[number][index] if danger else None
                elif message["role"] == "assistant":
                    places.append((number, index))
                    pairs.append(Pair(client, message["content"]))
                    given.append(risk)
                    client, risk = "", None
        judged = self.detector.judge(pairs, given)
        turns: list[dict[int, TurnVerdict]] = [{} for _ in conversations]
        for (number, index), verdict in zip(places, judged, strict=True):
            turns[number][index] = verdict
        reads = self.reader.read(conversations)
        return [
            self._verdict(messages, own, session_features(read))
            for messages, own, read in zip(conversations, turns, reads, strict=True)
        ]

    def _verdict(self, messages: Sequence[dict], turns: dict[int, TurnVerdict], features) -> Verdict:
        told = [0.0] * len(messages)
        for index, verdict in turns.items():
            if index and messages[index - 1]["role"] == "user":
                told[index - 1] = verdict.danger
        flow = check_flow(messages, told)
        read = [verdict for verdict in turns.values() if verdict.abstains is None]
        abstains = None
        if not turns:
            abstains = "the helper said nothing"
        elif not read:
            abstains = f"the helper's text {next(iter(turns.values())).abstains}"
        elif len(read) < LEAST_REPLIES or features is None:
            abstains = "too little was said to rate the whole"
        rating = worth = None
        if abstains is None:
            tensors = self.reader.tensors
            mean, spread = tensors["mean"], np.maximum(tensors["spread"], 1e-6)
            rating, worth = score(features, mean, spread), quality(features, mean, spread, tensors["quality"])
        broken = [v for verdict in read for v in verdict.violations]
        sure = [v.weight for v in broken if v.probability >= SURE] + [f.weight for f in flow]
        often = sum(v.weight for v in broken) / max(1, len(read))
        overall = (1.0 if worth is None else worth) * (1 - max([*sure, min(1.0, often)])) if read else None
        reasons = [f"turn {i}: {v.rule}, {v.reason}" for i, t in turns.items() for v in t.violations]
        reasons += [f"turn {f.turn}: {f.rule}, {f.reason}" for f in flow]
        reasons += list(rating.reasons) if rating else []
        reasons += [f"abstains: {abstains}"] if abstains else []
        return Verdict(turns, flow, rating, worth, overall, abstains, reasons)


@lru_cache(maxsize=1)
def default_assessor() -> Assessor:
    """The assessor that ships with Pixel, read once."""
    return Assessor()


def _round(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
