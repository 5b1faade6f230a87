"""
What Pixel's heads can say: every label, by name, in the order of the logits.

This file travels to the Hub beside the network, so that a model loaded elsewhere can still name its read-outs.
"""

from dataclasses import dataclass
from typing import Literal

from .labels_clinical import (
    ATTACHMENT_STYLES,
    DEFENCE_LEVELS,
    DSM_CATEGORIES,
    INTERVENTIONS,
    ORGANISATION_LEVELS,
    PDM_CAPACITIES,
    PDM_SYNDROMES,
    RISK_LEVELS,
    SAFETY_CONCERNS,
)

EMOTIONS = (
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire",
    "disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy",
    "love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral",
)  # fmt: skip
"""The 28 labels of GoEmotions (Demszky et al., ACL 2020), in their published order."""

VAD = ("valence", "arousal", "dominance")
"""Valence, arousal, dominance in [0, 1] (0.5 is the neutral middle of the 1-5 self-assessment scale)."""

EQ_DOMAINS = (
    "emotional_awareness", "empathy_recognition", "emotional_regulation", "social_cognition", "interpersonal_skills",
)  # fmt: skip

PERSONA_MODES = ("therapy", "assistant", "hybrid")
PERSONA_CONTEXTS = (
    "crisis", "emotional_support", "therapeutic_work", "clinical_information", "practical_task", "learning", "casual",
    "professional",
)  # fmt: skip
PERSONA_TRIGGERS = (
    "crisis_signal", "distress_disclosure", "request_support", "request_task", "topic_shift", "distress_resolved",
    "boundary",
)  # fmt: skip

EPITOME_MECHANISMS = ("emotional_reactions", "interpretations", "explorations")
"""EPITOME's three mechanisms, each at level 0 (none), 1 (weak), 2 (strong) (Sharma et al., EMNLP 2020)."""

EMPATHY_DIMENSIONS = (
    "cognitive", "affective", "compassionate", "perspective_taking", "self_other_distinction", "attunement",
)  # fmt: skip
EMPATHY_STAGES = ("absent", "recognition", "resonance", "understanding", "collaboration")

Kind = Literal["multilabel", "score", "categorical", "ordinal"]


@dataclass(frozen=True)
class Field:
    """
    One thing a turn can be labelled with.

    Attributes:
        name: column of the conversation schema, key of the collated batch, key of the read-outs.
        objective: the training objective whose loss it belongs to.
        kind: `multilabel` (independent probabilities), `score` (each value in [0, 1]), `categorical` (one class) or
            `ordinal` (one of ordered levels, read as cumulative logits).
        names: classes, levels or dimensions, in order.
    """

    name: str
    objective: str
    kind: Kind
    names: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of classes, levels or dimensions."""
        return len(self.names)

    @property
    def logits(self) -> int:
        """Width of the head's output: one less than the levels for an ordinal field."""
        return self.size - 1 if self.kind == "ordinal" else self.size

    @property
    def is_vector(self) -> bool:
        """Whether a turn's label is a list of numbers (`multilabel`, `score`) rather than one class id."""
        return self.kind in ("multilabel", "score")


_LEVELS = ("0", "1", "2")

FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("emotion", "eq", "multilabel", EMOTIONS),
        Field("vad", "eq", "score", VAD),
        Field("distress", "eq", "score", ("distress",)),
        Field("eq", "eq", "score", EQ_DOMAINS),
        Field("eq_total", "eq", "score", ("total",)),
        Field("persona_mode", "persona", "categorical", PERSONA_MODES),
        Field("persona_context", "persona", "categorical", PERSONA_CONTEXTS),
        Field("persona_trigger", "persona", "categorical", PERSONA_TRIGGERS),
        Field("persona_switch", "persona", "score", ("switch",)),
        Field("dsm", "clinical", "multilabel", DSM_CATEGORIES),
        Field("pdm_syndrome", "clinical", "multilabel", PDM_SYNDROMES),
        Field("pdm_organisation", "clinical", "categorical", ORGANISATION_LEVELS),
        Field("pdm_capacities", "clinical", "score", PDM_CAPACITIES),
        Field("attachment", "clinical", "categorical", ATTACHMENT_STYLES),
        Field("defence", "clinical", "ordinal", DEFENCE_LEVELS),
        Field("appropriateness", "clinical", "score", ("appropriateness",)),
        Field("intervention", "clinical", "multilabel", INTERVENTIONS),
        Field("safety", "clinical", "multilabel", SAFETY_CONCERNS),
        Field("risk", "clinical", "ordinal", RISK_LEVELS),
        Field("emotional_reactions", "empathy", "ordinal", _LEVELS),
        Field("interpretations", "empathy", "ordinal", _LEVELS),
        Field("explorations", "empathy", "ordinal", _LEVELS),
        Field("empathy_dimensions", "empathy", "score", EMPATHY_DIMENSIONS),
        Field("genuine", "empathy", "score", ("genuine",)),
        Field("empathy_stage", "empathy", "ordinal", EMPATHY_STAGES),
    )
}
"""Every label field, by name. The order is the order of columns, losses and reports."""

OBJECTIVES = ("language", "eq", "persona", "clinical", "empathy")
"""The five objectives; `language` has no field, the other four sum the losses of their fields."""
