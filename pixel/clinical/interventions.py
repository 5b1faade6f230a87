"""Which evidence-based interventions fit a picture, which have to wait, and why; safety comes before any of them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pixel.clinical.risk_reading import URGENCIES, more_urgent
from pixel.clinical.safety_guide import SafetyGuide, safety_guide
from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.loading import Knowledge, knowledge

LEVELS = {"first_line": 1.0, "second_line": 0.5, "adjunct": 0.3}
"""Weight of a recommendation's standing in its guideline."""

SEVERITIES = ("mild", "moderate", "severe")
EARLY = ("action", "major_image_distorting")
"""Defence levels with which uncovering work is held back."""

CONDITIONS = {
    "acute_risk": r"\b(?:acute|immediate)\b.*\b(?:risk|danger|crisis)\b",
    "psychosis": r"\bpsychosis\b",
    "mania": r"\bmania\b",
    "dissociation": r"\b(?:strong|marked) dissociation\b",
    "violence": r"\bviolence\b|\bongoing (?:abuse|danger)\b",
    "delirium": r"\bdelirium\b",
    "intoxication": r"\bintoxication\b",
    "withdrawal": r"\bwithdrawal\b",
    "overdose": r"\boverdose\b",
    "no_clinician": r"\bno trained clinician\b",
}
"""What can be known about a person -> how a contraindication in modalities.yaml speaks of it."""

SIGNS = {
    "psychosis": ({"hearing_voices", "seeing_things", "persecutory_beliefs", "other_fixed_false_beliefs"}, 1),
    "mania": ({"grandiosity", "decreased_need_for_sleep", "pressured_speech", "elevated_mood", "overactivity"}, 3),
    "dissociation": ({"gaps_in_memory", "derealisation", "depersonalisation", "identity_alternation"}, 2),
    "delirium": ({"fluctuating_awareness", "disorientation"}, 2),
}
"""Condition -> symptoms that show it, and how many of them are needed."""

LADDER_SOURCE = "SAMHSA 2009 (SAFE-T); Stanley and Brown 2012; NICE NG225"
KINDS = {"abuse": "violence", "domestic_violence": "violence", "psychosis": "psychosis", "overdose": "overdose"}


class Reason(NamedTuple):
    """A sentence, and the id in the knowledge base that it rests on."""

    id: str
    text: str


@dataclass(frozen=True)
class Recommendation:
    """
    One intervention.

    Attributes:
        name, modality, level, source: as the knowledge base has them; safety steps have modality `safety`.
        weight: what it is ranked by; higher comes first.
        reasons: what speaks for it.
        cautions: what to heed; for one that has to wait, why.
    """

    name: str
    modality: str
    level: str
    source: str
    weight: float
    reasons: tuple[Reason, ...]
    cautions: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Recommendations:
    """
    What to do, for a clinician to judge.

    Attributes:
        now: safety steps, in order; empty where nothing is urgent.
        suitable: interventions that fit, best first.
        held: those that would fit but have to wait.
        manner: how to go about it with this person's attachment and defences.
    """

    now: tuple[Recommendation, ...]
    suitable: tuple[Recommendation, ...]
    held: tuple[Recommendation, ...]
    manner: tuple[Reason, ...]

    def record(self) -> dict[str, Any]:
        """Ready for JSON."""
        lists = {name: [_json(item) for item in getattr(self, name)] for name in ("now", "suitable", "held")}
        return lists | {"manner": [reason._asdict() for reason in self.manner]}


def recommend(
    categories: Mapping[str, float],
    *,
    severity: str = "moderate",
    risk_level: int = 0,
    kind: str = "none",
    symptoms: Iterable[str] = (),
    conditions: Iterable[str] = (),
    attachment: str | None = None,
    defences: Iterable[str] = (),
    floor: float = 0.15,
    base: Knowledge | None = None,
    guide: SafetyGuide | None = None,
) -> Recommendations:
    """
    Recommend interventions.

    Args:
        categories: DSM category -> probability in [0, 1] (e.g. of `DifferentialEngine.rank`).
        severity: `mild`, `moderate` or `severe`: with a mild picture talking comes before a prescriber's review, with
            a severe one adjuncts weigh more.
        risk_level: rung of the ladder, 0 to 6.
        kind: of crisis, `none` for none.
        symptoms: present ones, from which conditions are read (`SIGNS`).
        conditions: further ones, of `CONDITIONS`. In a talk without a clinician: `no_clinician`.
        attachment: style, where it is known.
        defences: ids of the defences that stand out.
        floor: probability from which a category counts.
        base, guide: where it is looked up.

    Raises:
        KnowledgeError: an id that the knowledge base does not have; named.
        ValueError: a severity or condition that does not exist.
    """
    base, guide = base or knowledge(), guide or safety_guide()
    if severity not in SEVERITIES:
        raise ValueError(f"there is no severity {severity!r}. Mend: use one of: {', '.join(SEVERITIES)}")
    styles = {style["id"]: style for style in base.frameworks["attachment"]["styles"]}
    known = {item["id"]: item for item in base.frameworks["defences"]["defences"]}
    defences = list(defences)
    _known("category", categories, base.categories)
    _known("attachment style", [attachment] if attachment else [], styles)
    _known("defence", defences, known)
    holding = _conditions(set(symptoms), set(conditions), guide.rung(risk_level).acute, kind)
    early = [name for name in defences if known[name]["level"] in EARLY]
    modalities = {item["id"]: item for item in base.frameworks["modalities"]["modalities"]}

    found: dict[tuple[str, str], Recommendation] = {}
    for name, probability in categories.items():
        if probability < floor:
            continue
        category = base.categories[name]
        for item in category.interventions:
            fits = name in modalities.get(item.modality, {}).get("indications", ())
            weight = probability * LEVELS.get(item.level, LEVELS["adjunct"]) * (1.1 if fits else 1.0)
            if "prescriber" in item.name and severity == "mild":
                weight *= 0.5
            if item.level == "adjunct" and severity == "severe":
                weight *= 1.5
            why = [Reason(f"dsm/{name}#interventions", f"{item.level} for {category.name} ({item.source})")]
            if fits:
                why.append(
                    Reason(f"modalities/modalities/{item.modality}", f"{category.name} is among its indications")
                )
            new = Recommendation(item.name, item.modality, item.level, item.source, weight, tuple(why))
            found[key] = _joined(found[key], new) if (key := (item.name, item.modality)) in found else new

    suitable, held = [], []
    for item in found.values():
        stops, heeds = _contraindications(modalities.get(item.modality), holding)
        if "acute_risk" in holding and item.modality in modalities and not stops:
            stops = [Reason(f"safety/ladder/{guide.rung(risk_level).id}", "Therapy waits until safety stands.")]
        if early and item.modality in ("psychodynamic", "emdr_informed"):
            heeds += [Reason(f"defences/defences/{name}", "steady the person first; uncover later") for name in early]
        marked = Recommendation(**{**vars(item), "cautions": tuple(stops or heeds)})
        (held if stops else suitable).append(marked)
    order = {"key": lambda item: (-item.weight, item.name)}
    manner = [Reason(f"attachment/styles/{attachment}", text) for text in _responses(styles, attachment)]
    manner += [Reason(f"defences/defences/{name}", known[name]["therapist_response"]) for name in defences]
    now = _safety(guide, risk_level, kind)
    return Recommendations(now, tuple(sorted(suitable, **order)), tuple(sorted(held, **order)), tuple(manner))


def _safety(guide: SafetyGuide, level: int, kind: str) -> tuple[Recommendation, ...]:
    rung, crisis = guide.rung(level), guide.kind(kind)
    urgency = more_urgent(rung.urgency, crisis.urgency if crisis else "none")
    if urgency == "none":
        return ()
    weight = float(URGENCIES.index(urgency))
    steps = [(f"safety/ladder/{rung.id}", text, LADDER_SOURCE, rung.meaning) for text in rung.respond if level]
    if crisis and kind != "suicide":
        steps = [(f"safety/kinds/{kind}", text, crisis.source, crisis.name) for text in crisis.respond] + steps
    return tuple(Recommendation(text, "safety", urgency, source, weight, (Reason(id, why),))
                 for id, text, source, why in steps)  # fmt: skip


def _conditions(symptoms: set[str], given: set[str], acute: str, kind: str) -> set[str]:
    if unknown := given - set(CONDITIONS):
        raise ValueError(f"there is no condition {min(unknown)!r}. Mend: use one of: {', '.join(CONDITIONS)}")
    found = given | {name for name, (signs, need) in SIGNS.items() if len(signs & symptoms) >= need}
    found |= {"acute_risk"} if acute == "high" else set()
    return found | ({KINDS[kind]} if kind in KINDS else set())


def _contraindications(modality: Mapping[str, Any] | None, holding: set[str]) -> tuple[list[Reason], list[Reason]]:
    """What stops a modality now, and what to heed in it whoever the person is."""
    stops, heeds = [], []
    for item in (modality or {}).get("contraindications", ()):
        named = {name for name, pattern in CONDITIONS.items() if re.search(pattern, item["when"], re.IGNORECASE)}
        reason = Reason(f"modalities/modalities/{modality['id']}", f"{item['when']}: {item['why']}")
        if named & holding:
            stops.append(reason)
        elif not named:
            heeds.append(reason)
    return stops, heeds


def _joined(one: Recommendation, other: Recommendation) -> Recommendation:
    """The same intervention for two categories: the stronger standing, a little more weight, both reasons."""
    best = max(one, other, key=lambda item: item.weight)
    weight = best.weight + 0.1 * min(one.weight, other.weight)
    return Recommendation(
        **{**vars(best), "weight": weight, "reasons": tuple(dict.fromkeys(one.reasons + other.reasons))}
    )


def _responses(styles: Mapping[str, Any], attachment: str | None) -> list[str]:
    return styles[attachment]["therapist_responses"] if attachment else []


def _known(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise KnowledgeError(f"there is no {what} {name!r}", mend="use an id of the knowledge base")


def _json(item: Recommendation) -> dict[str, Any]:
    reasons = {name: [reason._asdict() for reason in getattr(item, name)] for name in ("reasons", "cautions")}
    return vars(item) | {"weight": round(item.weight, 4)} | reasons
