"""The tasks run offline on a local model, and their figures as plain numbers."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NAMES = ("safety_flow", "persona_switching", "judged_replies")
HINT = 'inspect-ai is not installed. Mend: pip install -e ".[inspect]"'


def local_model(folder: str | Path) -> Any:
    """
    A model folder as inspect's `hf` provider loads it.

    The folder is named as the model (`hf/FOLDER`), not as `hf/local` with a `model_path`: inspect looks the name up,
    and one that is no folder is asked of the Hub, with retries, for most of a minute.
    """
    from inspect_ai.model import get_model

    import pixel.models  # noqa: F401  registers Pixel's own architecture with transformers

    return get_model(f"hf/{Path(folder).resolve()}", do_sample=False)


def run_inspect(
    model: Any, names: Sequence[str] = NAMES[:2], *, log_dir: str | Path, limit: int | None = None, **options
) -> dict[str, dict[str, Any]]:
    """
    Run tasks.

    Args:
        model: of `local_model`, or any other model of inspect.
        names: of `NAMES`.
        log_dir: folder for inspect's logs, which hold the conversations (the scripts are made up).
        limit: samples of each task.
        options: for the tasks, by name: `judged_replies={"panel": ...}`.

    Returns:
        task -> `samples`, `status`, and metric -> value, where a metric has one.

    Raises:
        ModuleNotFoundError: inspect-ai is not installed; says how to install it.
        ValueError: no such task.
        RuntimeError: a task did not finish; the message is its error's last line.
    """
    if unknown := set(names) - set(NAMES):
        raise ValueError(f"no task is called {', '.join(sorted(unknown))}. Mend: use some of: {', '.join(NAMES)}")
    try:
        import inspect_ai
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(HINT, name="inspect_ai") from error
    found = {}
    for name in names:
        made = _task(name, options.get(name, {}))
        (log,) = inspect_ai.eval(
            made, model=model, limit=limit, log_dir=str(log_dir), display="none", max_connections=1
        )
        if log.status != "success":
            message = log.error.message if log.error else "no reason given"
            raise RuntimeError(f"{name}: {log.status}: {message.strip().splitlines()[-1]}")
        figures: dict[str, Any] = {"samples": log.results.completed_samples, "status": log.status}
        for score in log.results.scores:
            for kind, metric in score.metrics.items():
                if not math.isnan(metric.value):
                    figures[score.name if kind == "mean" else f"{score.name}_{kind}"] = metric.value
        found[name] = figures
    return found


def _task(name: str, options: dict[str, Any]) -> Any:
    if name == "judged_replies":
        from pixel.evaluation.inspect_tasks.judged import judged_replies

        return judged_replies(**options)
    from pixel.evaluation.inspect_tasks import tasks

    return getattr(tasks, name)(**options)
