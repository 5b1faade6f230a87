"""A knowledge base of three categories, to check criteria by hand."""

import yaml

from pixel.knowledge.loading import load_knowledge
from tests.knowledge.parts import category, symptom, write_base

SYMPTOMS = ("worry", "tired", "tense", "restless", "panic", "high", "caused_by_substance",
            "work_or_school_impairment", "social_impairment", "marked_distress")  # fmt: skip


def small_base(folder):
    """
    `worried`: worry (core), two of three bodily signs, 180 days, impairment, not by a substance, not better explained
    by `panicky`. `panicky`: panic (core) and worry, 30 days at least and 90 at most. `high`: one symptom.
    """
    items = [{"id": f"B{n}", "text": f"Sign {n}.", "any_of": [name]} for n, name in enumerate(SYMPTOMS[1:4], 1)]
    worried = category(
        "worried", [], "panicky",
        criteria=[{"id": "A", "text": "Worries a lot.", "any_of": ["worry"], "core": True},
                  {"id": "B", "text": "The body shows it.", "items": items, "need": 2},
                  {"id": "C", "text": "A clinician's judgement."}],
        duration={"min_days": 180},
        exclusions=[{"id": "E1", "kind": "substance", "text": "Not a substance.", "findings": ["caused_by_substance"]},
                    {"id": "E2", "kind": "disorder", "text": "Not panic alone.", "disorders": ["panicky"]}],
    )  # fmt: skip
    panicky = category(
        "panicky", [], "worried",
        criteria=[{"id": "A", "text": "Panics.", "any_of": ["panic"], "core": True},
                  {"id": "B", "text": "Worries about it.", "any_of": ["worry"]}],
        duration={"min_days": 30, "max_days": 90}, impairment="not_required",
    )  # fmt: skip
    high = category("high", ["high"], "worried", duration={}, impairment="distress_or_impairment",
                    onset={"min_age": 18, "max_age": 40})  # fmt: skip
    base = write_base(folder, [worried, panicky, high], [symptom(name) for name in SYMPTOMS])
    (base / "modalities.yaml").write_text(yaml.safe_dump([]))
    return load_knowledge(base)
