"""A task's documents as lm-eval takes them, found by the task's name."""

import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pixel.evaluation.lm_eval import GENERATED, NEEDS_DATA, TASKS
from pixel.evaluation.lm_eval.choices import documents_of


def documents(task: str, data_root: str | Path | None = None, questions: int | None = None) -> list[dict[str, Any]]:
    """
    The documents of a task, the same in the same order every time.

    Args:
        task: one of `TASKS`.
        data_root: folder with the benchmarks' files; `None`: the environment's `PIXEL_DATA_ROOT`.
        questions: only so many questions, each with all its parts and orders: of written answers the first, else
            spread evenly over the task; `None`: all.

    Raises:
        MissingData: the task's file is not there.
        ValueError: no such task.
    """
    if task not in TASKS:
        raise ValueError(f"no task is called {task!r}. Mend: use one of: {', '.join(TASKS)}")
    made = _made(task, data_root or os.environ.get("PIXEL_DATA_ROOT") or None)
    if task in GENERATED:
        return list(made if questions is None else islice(made, questions))
    asked = list(made)
    if questions is not None:
        names = list(dict.fromkeys(one.id for one in asked))
        wanted = min(questions, len(names))
        kept = {names[number * len(names) // wanted] for number in range(wanted)}
        asked = [one for one in asked if one.id in kept]
    return list(documents_of(asked))


def _made(task: str, root: str | None) -> Iterator[Any]:
    from pixel.evaluation.lm_eval import benchmarks

    if task in NEEDS_DATA:
        return getattr(benchmarks, task.removeprefix("pixel_"))(root)
    if task == "pixel_dsm":
        from pixel.evaluation.lm_eval.dsm import dsm

        return dsm()
    if task == "pixel_pdm":
        from pixel.evaluation.lm_eval.pdm import pdm

        return pdm()
    from pixel.evaluation.lm_eval.persona import persona

    return persona()


def write_documents(task: str, folder: str | Path, **given: Any) -> Path:
    """
    A task's documents as JSON lines, to look at or to hand on where their licence allows it.

    Args:
        task: one of `TASKS`.
        folder: where `TASK.jsonl` goes.
        given: as `documents`.
    """
    path = Path(folder) / f"{task}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(document, ensure_ascii=False) + "\n" for document in documents(task, **given))
    path.write_text("".join(lines), encoding="utf-8")
    return path
