"""What a person has disclosed: symptoms present or denied, for how long, since which age."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.loading import Knowledge


@dataclass(frozen=True)
class Finding:
    """
    One symptom.

    Attributes:
        symptom: its id.
        present: `False` where it was denied.
        days: how long it has lasted, `None` where nothing was said.
        probability: in [0, 1], how sure the reading is; 1 for findings that a person entered.
    """

    symptom: str
    present: bool = True
    days: float | None = None
    probability: float = 1.0


@dataclass(frozen=True)
class Picture:
    """
    Everything disclosed.

    Attributes:
        findings: by symptom; one that is not here was not talked about, which is not a denial.
        days: how long the whole has lasted, for findings without a time of their own.
        age: in years.
        onset_age: in years, when it began.
        topics: category -> log-probability that the words are about it, for a picture read from text; else empty.
    """

    findings: Mapping[str, Finding] = field(default_factory=dict)
    days: float | None = None
    age: float | None = None
    onset_age: float | None = None
    topics: Mapping[str, float] = field(default_factory=dict)

    def strength(self, symptom: str) -> float:
        """Probability that a symptom is present; 0 where it was denied or not talked about."""
        finding = self.findings.get(symptom)
        return finding.probability if finding and finding.present else 0.0

    def denied(self, symptom: str) -> bool:
        """Whether a symptom was denied."""
        finding = self.findings.get(symptom)
        return finding is not None and not finding.present

    def lasted(self, symptoms: Iterable[str]) -> float | None:
        """Days that the longest of these has lasted; the whole picture's where none has a time; `None` if unknown."""
        own = [f.days for s in symptoms if (f := self.findings.get(s)) and f.present and f.days is not None]
        return max(own) if own else self.days


def parse_picture(content: Mapping[str, Any], base: Knowledge, **place) -> Picture:
    """
    A picture from JSON: `{"findings": [{"symptom", "present", "days"}, ...], "days", "age", "onset_age"}`.

    Args:
        content: the mapping; a finding may also be a bare symptom id.
        base: whose symptoms are known.
        place: `file` and `row` for error messages.

    Raises:
        KnowledgeError: an unknown symptom (with the nearest known ones), or a number that is none.
    """
    items = content.get("findings")
    if not isinstance(items, list) or not items:
        raise KnowledgeError("holds no findings", **place, field="findings", mend='give [{"symptom": ...}]')
    found: dict[str, Finding] = {}
    for item in items:
        item = {"symptom": item} if isinstance(item, str) else item
        if not isinstance(item, Mapping):
            raise KnowledgeError("a finding is no mapping", **place, field="findings", mend="give symptom ids")
        name = item.get("symptom")
        if name not in base.symptoms:
            raise KnowledgeError(
                f"there is no symptom {name!r}", **place, field="findings", mend=_nearest(str(name), base)
            )
        present = item.get("present", True)
        if not isinstance(present, bool):
            raise KnowledgeError(f"present is {present!r}", **place, field="findings", mend="write true or false")
        found[name] = Finding(name, present, _number(item, "days", **place))
    return Picture(found, *(_number(content, key, **place) for key in ("days", "age", "onset_age")))


def _number(content: Mapping[str, Any], key: str, **place) -> float | None:
    value = content.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e6:
        raise KnowledgeError(f"is {value!r}", **place, field=key, mend="give a number of 0 or more")
    return float(value)


def _nearest(name: str, base: Knowledge) -> str:
    import difflib

    guesses = difflib.get_close_matches(name, base.symptoms, 3, 0.5)
    return f"did you mean {', '.join(guesses)}?" if guesses else "see pixel/knowledge/data/symptoms"
