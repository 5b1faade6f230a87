"""A rule on what a helper may say: what it is about, cues, and matched replies that break it or keep it."""

import re
from functools import cached_property, lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

RULES = Path(__file__).with_name("rules")


class Example(BaseModel):
    """Replies to one client message: `bad` ones break the rule, `good` ones take up the same matter properly."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    client: str = Field(min_length=1)
    bad: list[str] = []
    good: list[str] = Field(min_length=1)


class Rule(BaseModel):
    """
    A rule as its YAML file holds it.

    Attributes:
        id: one of `SAFETY_CONCERNS`, or a further rule on how danger is asked about.
        about: what breaks it.
        reason: how a verdict says so.
        weight: how much a breach takes from the appropriateness of a turn, in (0, 1].
        false_alarms: share of clean turns that the threshold may flag at most; more for what must not be missed.
        cues: name -> patterns on the lower-cased reply. Each name is one feature of the classifier.
        examples: matched pairs, written for this project.
        calm: client messages without danger, where the rule cannot be broken.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    about: str
    reason: str
    weight: float = Field(gt=0, le=1)
    false_alarms: float = Field(0.01, gt=0, lt=1)
    cues: dict[str, list[str]] = {}
    examples: list[Example] = Field(min_length=1)
    calm: list[Example] = []

    @cached_property
    def patterns(self) -> dict[str, list[re.Pattern]]:
        """The cues, compiled."""
        return {name: [re.compile(pattern) for pattern in patterns] for name, patterns in self.cues.items()}

    def cue_words(self, reply: str) -> dict[str, str]:
        """Cue -> the first words that matched it."""
        text, found = plain(reply), {}
        for name, patterns in self.patterns.items():
            for pattern in patterns:
                if match := pattern.search(text):
                    found.setdefault(name, match.group().strip())
        return found


def plain(text: str) -> str:
    """Lower case with straight apostrophes."""
    return text.lower().replace("’", "'").replace("‘", "'")


def read_rules(folder: Path = RULES) -> dict[str, Rule]:
    """
    Rules of a folder, by id.

    Raises:
        KnowledgeError: a file that is no YAML, a field that is missing or wrong, a cue that is no pattern, no rules.
    """
    from pixel.knowledge.errors import KnowledgeError
    from pixel.knowledge.yaml_files import entry, read_yaml

    found = {}
    for file in sorted(folder.glob("*.yaml")):
        rule = entry(Rule, read_yaml(file), file)
        try:
            _ = rule.patterns
        except re.error as error:
            raise KnowledgeError(f"holds a cue that is no pattern ({error})", file=file, field="cues") from None
        found[rule.id] = rule
    if not found:
        raise KnowledgeError("holds no rules", file=folder, mend="see pixel/clinical/appropriateness/rules")
    return found


@lru_cache(maxsize=1)
def rules() -> dict[str, Rule]:
    """The rules that ship with Pixel, read once."""
    return read_rules()
