"""The rubric: eighteen items from 0 to 6, scored from measured features, with the features named as reasons."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from pixel.clinical.appropriateness.session_features import FEATURES

RUBRIC = Path(__file__).with_name("rubric.yaml")
MIDDLE, STEP, LEAST, MOST = 3.0, 1.2, 0.0, 6.0
"""An average session gets 3; one standard deviation is worth 1.2 steps."""
CLIP = 2.5
"""Standard deviations beyond which a feature counts no more."""
_WORDS = {
    "open_share": "open questions", "reflection": "turns that reflect", "input": "turns that inform or advise",
    "advice": "advice", "information": "information", "complex_share": "reflections that add meaning",
    "reflection_per_question": "reflections a question", "change_share": "client talk for change",
    "talk_share": "the helper's share of the words", "words": "words a turn",
    "spirit": "likeness to good practice, turn by turn",
}  # fmt: skip


class Item(BaseModel):
    """One item: what its scores mean, and from which features it comes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    name: str
    source: dict[str, float] = Field(alias="from", min_length=1)
    anchors: dict[int, str]

    @field_validator("source")
    @classmethod
    def _known(cls, source: dict[str, float]) -> dict[str, float]:
        if unknown := set(source) - set(FEATURES):
            raise ValueError(f"no such feature: {', '.join(sorted(unknown))}")
        return source

    @property
    def weights(self) -> np.ndarray:
        """Float `[features]` of length 1, so that every item spreads alike."""
        weights = np.array([self.source.get(name, 0.0) for name in FEATURES])
        return weights / np.linalg.norm(weights)


class RubricScore(NamedTuple):
    """
    A rated conversation.

    Attributes:
        items: id -> score in [0, 6].
        skill, alliance: means of the six and the twelve items.
        total: mean of all eighteen, in [0, 6].
        reasons: the features farthest from the average, in words.
    """

    items: dict[str, float]
    skill: float
    alliance: float
    total: float
    reasons: tuple[str, ...]


def read_rubric(file: Path = RUBRIC) -> dict[str, list[Item]]:
    """
    Items by part (`skill`, `alliance`).

    Raises:
        KnowledgeError: no YAML, a field wrong, a feature that is not measured.
    """
    from pixel.knowledge.yaml_files import entry, read_yaml

    return {part: [entry(Item, item, file) for item in items] for part, items in read_yaml(file).items()}


@lru_cache(maxsize=1)
def rubric() -> dict[str, list[Item]]:
    """The rubric that ships with Pixel."""
    return read_rubric()


def score(features: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> RubricScore:
    """
    Rate a conversation.

    Args:
        features: float `[11]`, see `session_features`.
        mean, spread: of these features over AnnoMI's sessions, which say what average is.
    """
    z = np.clip((features - mean) / spread, -CLIP, CLIP)
    parts = {
        part: {item.id: float(np.clip(MIDDLE + STEP * (item.weights @ z), LEAST, MOST)) for item in items}
        for part, items in rubric().items()
    }
    items = {id: round(value, 3) for part in parts.values() for id, value in part.items()}
    far = [index for index in np.argsort(-np.abs(z))[:3] if abs(z[index]) > 0.7]
    reasons = tuple(f"{'much' if z[i] > 0 else 'little'} of: {_WORDS[FEATURES[i]]}" for i in far)
    means = {part: float(np.mean(list(values.values()))) for part, values in parts.items()}
    return RubricScore(items, means["skill"], means["alliance"], float(np.mean(list(items.values()))), reasons)
