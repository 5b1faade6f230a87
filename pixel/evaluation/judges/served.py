"""A judge behind an OpenAI-compatible address: only where someone names the address."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.evaluation.endpoint import Endpoint
from pixel.evaluation.judges.criteria import criteria
from pixel.evaluation.judges.judge import Pair, Side
from pixel.evaluation.judges.likelihood import prompt

_LETTER = re.compile(r"\W*(?:(?:the|my)\s+)?(?:(?:better\s+)?(?:answer|reply)\W+(?:is\W+)?)?([AB])\b", re.IGNORECASE)


class EndpointJudge:
    """
    Asks for "A" or "B" and reads the letter that the answer begins with, also behind "Answer:" or "Reply"; anything
    else is a tie.

    Args:
        address: `URL#MODEL`.

    Raises:
        ValueError: no `#MODEL`.
        EndpointError: not an http(s) address.
    """

    by_position = True
    kind = "a served model's answer A or B"

    def __init__(self, address: str):
        url, _, model = address.rpartition("#")
        if not url or not model:
            raise ValueError(f"--judges endpoint:{address}: write endpoint:URL#MODEL")
        self.endpoint, self.model = Endpoint(url, model), model
        self.name = f"{model} (served)"

    def prepare(self, labelled: Mapping[str, Sequence[tuple[Side, float]]]) -> None:
        """Nothing to fit."""

    def same_as(self, subject: Any) -> str | None:
        """By the served name: nothing more can be seen from here."""
        names = {getattr(subject, "name", None), getattr(getattr(subject, "endpoint", None), "model", None)}
        return f"{self.name} is the subject itself" if self.model in names else None

    def prefer(self, pairs: Sequence[Pair], criterion: str, repeat: int) -> np.ndarray:
        """See `Judge.prefer`; 1, 0 or -1."""
        question = criteria()[criterion].wordings[repeat]
        asked = [
            [{"role": "user", "content": prompt(*order, question)}]
            for pair in pairs
            for order in ((pair.first, pair.second), (pair.second, pair.first))
        ]
        answers = self.endpoint.generate(asked, max_new_tokens=4, temperature=0.0, seed=repeat)
        said = np.array([_choice(answer) for answer in answers])
        return said.reshape(-1, 2) * np.array([1.0, -1.0])


def _choice(answer: str) -> float:
    found = _LETTER.match(answer)
    return {"A": 1.0, "B": -1.0}[found.group(1).upper()] if found else 0.0
