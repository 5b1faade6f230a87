"""Published benchmarks as questions, from files under a data root: EmoBench, EQ-Bench v2, SECEU."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pixel.evaluation.lm_eval.choices import Question
from pixel.metrics.eq_bench import reference_scores


class MissingData(FileNotFoundError):
    """A task's file is not there; the message says where it is looked for."""


def find(root: str | Path | None, *places: str) -> Path:
    """
    The first of several places under a data root that exists.

    Raises:
        MissingData: none does, or there is no data root.
    """
    if root is None:
        raise MissingData("no data root. Mend: set PIXEL_DATA_ROOT or pass --data_root (lm_eval: --metadata)")
    for place in places:
        if (path := Path(root) / place).is_file():
            return path
    raise MissingData(f"no {places[0]} under the data root. Mend: put it there")


def emobench_ea(root: str | Path | None) -> Iterator[Question]:
    """
    EmoBench, emotional application: which act or answer helps most.

    Args:
        root: with `emobench/EA.jsonl` (or `emobench_sample/EA.jsonl`): `qid`, `scenario`, `subject`, `choices`,
            `label`, `question type`, `language`. Only English is asked.
    """
    for row in _lines(find(root, "emobench/EA.jsonl", "emobench_sample/EA.jsonl")):
        kind = "response" if str(row.get("question type", "")).lower() == "response" else "action"
        asked = (
            f"Scenario: {row['scenario']}\n\nIn this scenario, what is the most effective {kind} for {row['subject']}?"
        )
        yield Question(str(row["qid"]), asked, tuple(row["choices"]), row["choices"].index(row["label"]))


def emobench_eu(root: str | Path | None) -> Iterator[Question]:
    """
    EmoBench, emotional understanding: what somebody feels (part `emotion`), and why (part `cause`).

    Args:
        root: with `emobench/EU.jsonl` (or `emobench_sample/EU.jsonl`): `qid`, `scenario`, `subject`,
            `emotion_choices`, `emotion_label`, `cause_choices`, `cause_label`, `language`.
    """
    for row in _lines(find(root, "emobench/EU.jsonl", "emobench_sample/EU.jsonl")):
        feels = f"Scenario: {row['scenario']}\n\nWhat would {row['subject']} feel at the end of this scenario"
        for part, asked in (("emotion", f"{feels}?"), ("cause", f"{feels}, and why? The reason:")):
            options, label = row[f"{part}_choices"], row[f"{part}_label"]
            yield Question(str(row["qid"]), asked, tuple(options), options.index(label), part)


def eqbench_v2(root: str | Path | None) -> Iterator[dict[str, Any]]:
    """
    EQ-Bench v2: the published prompts with the references.

    Args:
        root: with `eqbench_v2/questions.json`, as published: id -> `prompt`, `reference_answer_fullscale`.

    Yields:
        `id`, `prompt`, `emotions`, `scores`.
    """
    rows = json.loads(find(root, "eqbench_v2/questions.json").read_text(encoding="utf-8"))
    for name, row in rows.items():
        reference = reference_scores(row["reference_answer_fullscale"])
        yield {
            "id": str(name),
            "prompt": row["prompt"].strip(),
            "emotions": list(reference),
            "scores": list(reference.values()),
        }


def seceu(root: str | Path | None) -> Iterator[dict[str, Any]]:
    """
    SECEU items from the user's own file (the items are not public domain and do not come with Pixel).

    Args:
        root: with `seceu/items.jsonl`: a line each `{"id", "story", "options": [four emotions], "standard": [points of
            each, the human mean, together 10], "human_distance": mean human distance from it, or left out}`.

    Yields:
        `id`, `prompt`, `options`, `standard`, `human_distance` (NaN where unknown).
    """
    for row in _lines(find(root, "seceu/items.jsonl")):
        options = "\n".join(f"{option}: <points>" for option in row["options"])
        asked = "Share out 10 points among these emotions, by how strongly the person feels each at the end."
        yield {
            "id": str(row["id"]),
            "prompt": f"{row['story'].strip()}\n\n{asked} Answer in this form and with nothing else:\n\n{options}",
            "options": row["options"],
            "standard": [float(points) for points in row["standard"]],
            "human_distance": float(row.get("human_distance", "nan")),
        }


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    yield from (row for row in rows if row.get("language", "en") == "en")
