"""Running one task through lm-eval as a library."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixel.evaluation.lm_eval import FOLDER, GENERATED


@dataclass(frozen=True)
class Ran:
    """
    Attributes:
        task: its name.
        figures: metric -> what lm-eval made of it, as its command line prints it.
        samples: lm-eval's record of each document: `doc`, the metrics, `filtered_resps`.
    """

    task: str
    figures: dict[str, float]
    samples: list[dict[str, Any]]


def run(task: str, model: Any, data_root: str | Path | None = None, questions: int | None = None) -> Ran:
    """
    Ask one task.

    Written answers are asked for with the chat template, letters without: `lm_eval --apply_chat_template` for
    `GENERATED`, and without it for the others, gives the same figures.

    Args:
        task: one of `pixel.evaluation.lm_eval.TASKS`.
        model: an `lm_eval.api.model.LM`.
        data_root, questions: as `documents`.

    Raises:
        MissingData: the task's file is not there.
    """
    from lm_eval.evaluator import evaluate
    from lm_eval.tasks import TaskManager

    with quiet():
        given = {"data_root": data_root and str(data_root), "questions": questions}
        manager = TaskManager(include_path=str(FOLDER), include_defaults=False, metadata=given)
        results = evaluate(
            lm=model, task_dict=manager.load([task]), bootstrap_iters=0, apply_chat_template=task in GENERATED
        )
    figures = {
        name.removesuffix(",none"): value
        for name, value in results["results"][task].items()
        if name.endswith(",none") and not name.endswith("_stderr,none") and isinstance(value, int | float)
    }
    return Ran(task, figures, results["samples"][task])


@contextmanager
def quiet() -> Iterator[None]:
    """Only errors of lm-eval's log; its progress bars stay."""
    loggers = [logging.getLogger(name) for name in ("lm_eval", "lm-eval")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
