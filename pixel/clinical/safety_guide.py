"""The safety file of the knowledge base as objects: steps, questions, factors, plan parts, ladder, kinds of crisis."""

from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from pixel.clinical.phrases import Phrases
from pixel.clinical.risk_reading import URGENCIES
from pixel.knowledge.loading import DATA
from pixel.knowledge.schema import Entry, Id, Text
from pixel.knowledge.yaml_files import entry, read_yaml

Urgency = Literal[URGENCIES]
ACUTE = ("none", "low", "moderate", "high")
"""Levels of acute risk, least first."""


class Cues(Entry):
    """Phrases that a turn holds; `denial`: they are denials themselves."""

    phrases: list[str] = []
    denial: bool = False

    def found(self, text: str, *, ready: bool = False) -> list[str]:
        """The phrases that stand in a text (see `Phrases`)."""
        return _phrases(tuple(self.phrases), self.denial).found(text, ready=ready)


@cache
def _phrases(phrases: tuple[str, ...], denial: bool) -> Phrases:
    return Phrases(phrases, denial)


class Told(Cues):
    """What a person says that answers a question: a reading at or above `level`, or one of the phrases."""

    level: int = Field(ge=1, le=6)
    denial: bool = True


class Point(Entry):
    """A named rule of care."""

    id: Id
    name: Text
    summary: Text


class Step(Point):
    """One of the five steps of a risk assessment."""

    source: Text


class Question(Entry):
    """Something that is asked directly."""

    id: Id
    name: Text
    question: Text
    asked: Cues
    told: Told


class Factor(Entry):
    """Something that raises risk or protects; `strong` weighs most. `symptoms`: ids of the knowledge base."""

    id: Id
    name: Text
    strong: bool = False
    symptoms: list[Id]
    cues: Cues


class PlanPart(Point):
    """A part of a safety plan and the question that opens it."""

    question: Text
    said: Cues


class Rung(Entry):
    """A rung of the ladder: what it means and what it asks of a helper, first things first."""

    id: Id
    level: int = Field(ge=0, le=6)
    name: Text
    urgency: Urgency
    acute: Literal[ACUTE]
    meaning: Text
    respond: list[Text] = Field(min_length=1)


class Kind(Entry):
    """A kind of crisis: the least urgency it has, what the person is told, what a helper does and leaves."""

    id: Id
    name: Text
    urgency: Urgency
    say: Text
    respond: list[Text] = Field(min_length=1)
    avoid: list[Text] = Field(min_length=1)
    source: Text


class SafetyGuide(Entry):
    """All of it. Every list is in the order in which a helper goes through it."""

    steps: list[Step] = Field(min_length=5, max_length=5)
    inquiry: list[Question]
    risk_factors: list[Factor]
    protective_factors: list[Factor]
    safety_plan: list[PlanPart]
    ladder: list[Rung] = Field(min_length=7, max_length=7)
    kinds: list[Kind]
    duties: list[Point]
    do: list[Point]
    do_not: list[Point]

    def rung(self, level: int) -> Rung:
        """The rung of a level."""
        return next(rung for rung in self.ladder if rung.level == level)

    def kind(self, name: str) -> Kind | None:
        """A kind of crisis by id, `None` for one that the guide does not know (`none` among them)."""
        return next((kind for kind in self.kinds if kind.id == name), None)


def load_guide(file: Path = DATA / "safety.yaml") -> SafetyGuide:
    """
    Read a safety file.

    Raises:
        KnowledgeError: it cannot be read, or a field is wrong.
    """
    return entry(SafetyGuide, read_yaml(file), file)


@lru_cache(maxsize=1)
def safety_guide() -> SafetyGuide:
    """The guide that ships with Pixel, read once."""
    return load_guide()
