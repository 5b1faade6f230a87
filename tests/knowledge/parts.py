"""A knowledge base of two categories, as files."""

from pathlib import Path

import yaml

from pixel.knowledge.loading import FRAMEWORKS


def symptom(id: str, domain: str = "anxiety") -> dict:
    words = [f"{id} said in way {n}" for n in range(9)]
    absent = [f"no {id} at all"]
    return {"id": id, "name": id.replace("_", " "), "domain": domain, "definition": f"What {id} is.",
            "phrasings": words[:6], "held_back": words[6:], "absent": absent}  # fmt: skip


def category(id: str, symptoms: list[str], other: str, **changes) -> dict:
    return {
        "id": id, "name": id.title(), "chapter": "Made", "icd10cm": ["F41.1"], "summary": "A made category.",
        "criteria": [{"id": "A", "text": "Criterion A.", "any_of": symptoms, "core": True}],
        "duration": {"min_days": 30}, "onset": {}, "impairment": "required", "exclusions": [], "course": "Goes on.",
        "specifiers": [], "differentials": [{"with": other, "separates": f"What separates it from {other}."}],
        "comorbidity": [], "risk": ["Low."],
        "interventions": [{"name": "Talking", "modality": "cbt", "level": "first_line", "source": "A guideline"}],
        "questions": ["How is it?", "Since when?", "What helps?"],
    } | changes  # fmt: skip


def write_base(folder: Path, categories: list[dict], symptoms: list[dict]) -> Path:
    for name in ("dsm", "symptoms"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for item in categories:
        (folder / "dsm" / f"{item['id']}.yaml").write_text(yaml.safe_dump(item))
    (folder / "symptoms" / "made.yaml").write_text(yaml.safe_dump(symptoms))
    for name in FRAMEWORKS:
        (folder / f"{name}.yaml").write_text("[]\n")
    return folder


def two(folder: Path, first: dict | None = None, second: dict | None = None) -> Path:
    """Two categories with a symptom each, one in common; keys of either can be changed."""
    return write_base(
        folder,
        [category("one", ["fear", "worry"], "two", **(first or {})),
         category("two", ["fear", "panic"], "one", **(second or {}))],
        [symptom("fear"), symptom("worry"), symptom("panic")],
    )  # fmt: skip
