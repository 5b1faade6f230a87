"""What an evaluation leaves behind: `results.json`, and `items/TASK.jsonl` for comparing versions item by item."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pixel
from pixel.data.whole_files import write_in_one_step
from pixel.evaluation.row import GROUPS, Row
from pixel.evaluation.runner import Outcome

SCHEMA = 1


def results_of(outcome: Outcome, model: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """
    `results.json` as a dictionary.

    Args:
        outcome: of the run.
        model: `name`, `path`, `kind`, `fingerprint`.
        settings: what was asked for.

    Returns:
        `schema`, `model`, `created` (UTC), `pixel`, `settings`, `seconds` (of all tasks, kept ones included),
        `results` (`Row.as_dict`, by group), `skipped`, `failed`, `tasks` (`name`, `seconds`, `kept`, `notes`) and
        `data` (corpus -> `rows` measured on and `left_out` because the model was trained on them).
    """
    from datetime import UTC, datetime

    rows = [row for task in outcome.finished for row in task.rows]
    rows.sort(key=lambda row: GROUPS.index(row.group))  # stable: a task's rows keep their order
    used = {corpus: counts for task in outcome.finished for corpus, counts in task.used.items()}
    return {
        "schema": SCHEMA,
        "model": dict(model),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "pixel": pixel.__version__,
        "settings": dict(settings),
        "seconds": round(sum(task.seconds for task in outcome.finished), 1),
        "results": [row.as_dict() for row in rows],
        "skipped": outcome.skipped,
        "failed": outcome.failed,
        "tasks": [
            {"name": task.name, "seconds": task.seconds, "kept": task.kept, "notes": task.notes}
            for task in outcome.finished
        ],
        "data": {corpus: {"rows": rows, "left_out": out} for corpus, (rows, out) in sorted(used.items())},
    }


def write_results(folder: str | Path, results: Mapping[str, Any], outcome: Outcome) -> Path:
    """Write `items/TASK.jsonl` and then `results.json`, each in one step; items of tasks not in this run go away."""
    folder = Path(folder)
    for task in outcome.finished:
        lines = "".join(json.dumps(item.as_dict(), ensure_ascii=False) + "\n" for item in task.items)
        write_in_one_step(folder / "items" / f"{task.name}.jsonl", lines)
    names = {task.name for task in outcome.finished}
    for file in (folder / "items").glob("*.jsonl"):
        if file.stem not in names:
            file.unlink()
    text = json.dumps(results, ensure_ascii=False, allow_nan=False, indent=1)
    return write_in_one_step(folder / "results.json", text + "\n")


def read_results(folder: str | Path) -> dict[str, Any]:
    """
    `results.json` of an evaluation's folder, its rows checked.

    Raises:
        ValueError: no such file, or not of this schema; says the mend.
    """
    file = Path(folder) / "results.json"
    mend = "Mend: name a folder that recipes/evaluate.py wrote"
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{file}: cannot be read ({type(error).__name__}). {mend}") from None
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise ValueError(f"{file}: not an evaluation of schema {SCHEMA}. {mend}")
    for row in told["results"]:
        Row.from_dict(row)
    return told
