"""What the YAML files call: the documents of each task, what one answer scores, and how scores come together."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from pixel.evaluation.lm_eval import scoring
from pixel.evaluation.lm_eval.documents import documents


def dataset(task: str, data_root: str | None = None, questions: int | None = None, **_: Any) -> dict[str, Any]:
    """
    A task's documents as a test split.

    lm-eval hands over its `--metadata` (`{"data_root": ..., "questions": 20}`) among other things.
    """
    from datasets import Dataset

    return {"test": Dataset.from_list(documents(task, data_root, questions and int(questions)))}


emobench_ea = partial(dataset, "pixel_emobench_ea")
emobench_eu = partial(dataset, "pixel_emobench_eu")
eqbench_v2 = partial(dataset, "pixel_eqbench_v2")
seceu = partial(dataset, "pixel_seceu")
persona = partial(dataset, "pixel_persona")
dsm = partial(dataset, "pixel_dsm")
pdm = partial(dataset, "pixel_pdm")


def choice(doc: dict[str, Any], results: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    return scoring.choice(doc, results)


def eu_choice(doc: dict[str, Any], results: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    return scoring.eu_choice(doc, results)


def persona_choice(doc: dict[str, Any], results: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    return scoring.persona_choice(doc, results)


def eqbench_answer(doc: dict[str, Any], results: Sequence[str]) -> dict[str, Any]:
    return scoring.eqbench_answer(doc, results)


def seceu_answer(doc: dict[str, Any], results: Sequence[str]) -> dict[str, Any]:
    return scoring.seceu_answer(doc, results)


joint = scoring.joint
joint_averaged = scoring.joint_averaged
averaged = scoring.averaged
balanced = scoring.balanced
eqbench_total = scoring.eqbench_total
eqbench_percent = scoring.eqbench_percent
seceu_eq = scoring.seceu_eq
seceu_percent = scoring.seceu_percent
seceu_similarity = scoring.seceu_similarity
