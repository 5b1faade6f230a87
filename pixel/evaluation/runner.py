"""One task after another: what is finished is kept, what cannot be measured is skipped with a reason."""

import hashlib
import json
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pixel.data.errors import ConversationError
from pixel.evaluation.context import Context
from pixel.evaluation.depends import code_fingerprint
from pixel.evaluation.endpoint import EndpointError
from pixel.evaluation.processes import is_first, shared
from pixel.evaluation.store import Finished, TaskStore
from pixel.evaluation.task import NEEDS, Task, TaskSkipped
from pixel.evaluation.tasks import TASKS

READING = "pixel.evaluation.subjects"
"""The module through which every task reads and asks the model."""
_HINT = 'pip install -e ".[eval]"'


class UnknownTask(ValueError):
    """No task has this name; says which there are."""


@dataclass
class Outcome:
    """
    Attributes:
        finished: tasks with figures, in order.
        skipped: `{"task", "reason"}` of those without.
        failed: names of those that a bug stopped (they are among the skipped too).
    """

    finished: list[Finished] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def chosen_tasks(names: Sequence[str] | None, tasks: Mapping[str, str] = TASKS) -> list[str]:
    """
    The tasks asked for, in the registry's order; a name that ends in `*` stands for all that begin so.

    Raises:
        UnknownTask: a name that matches none.
    """
    if not names:
        return list(tasks)
    wanted = set()
    for name in names:
        found = [task for task in tasks if task == name or (name.endswith("*") and task.startswith(name[:-1]))]
        if not found:
            raise UnknownTask(f"no task is called {name!r}. Mend: use some of: {', '.join(tasks)}")
        wanted |= set(found)
    return [task for task in tasks if task in wanted]


def load_task(name: str, tasks: Mapping[str, str] = TASKS) -> Task:
    """
    Raises:
        TaskSkipped: its module is not part of this installation, or needs a package that is not installed.
        ImportError: Pixel's own import that fails.
    """
    module, _, kind = tasks[name].partition(":")
    if find_spec(module) is None:
        raise TaskSkipped("not part of this installation")
    try:
        return getattr(import_module(module), kind)()
    except ImportError as error:
        if not _not_installed(error):
            raise
        raise TaskSkipped(f"needs the package {error.name}. Mend: {_HINT}") from None


def run_tasks(
    names: Sequence[str],
    context: Context,
    store: TaskStore,
    made_from: Mapping[str, Any],
    *,
    tasks: Mapping[str, str] = TASKS,
    say: Callable[[str], None] = print,
) -> Outcome:
    """
    Run tasks one after another.

    A task whose file in the store was made from the same model, settings, data and code is not run again; its code is
    what it imports of Pixel (`pixel.evaluation.depends`) and what the model is read with, so a change elsewhere does
    not make it run anew. What cannot be measured is skipped with its reason. A task that fails by a bug is recorded
    with the kind of error and its place; the whole traceback goes to stderr, since a message may quote data. The
    others go on.

    Args:
        names: of the tasks.
        context: what they may ask for.
        store: where finished ones lie.
        made_from: what the figures depend on beside the task: model, settings, data.
        tasks: name -> `module:Class`.
        say: takes one line about each task.
    """
    outcome = Outcome()
    for place, name in enumerate(names, 1):
        label = f"[{place}/{len(names)}] {name}"
        try:
            task = load_task(name, tasks)
            code = code_fingerprint(tasks[name].partition(":")[0], READING, *getattr(task, "code", ()))
            whole = {**made_from, "task": name, "code": code}
            found = shared(store.load(name, whole) if is_first() else None)
            if found is not None:
                outcome.finished.append(found)
                say(f"{label}: {len(found.rows)} figures, kept from an earlier run")
                continue
            if missing := [need for need in task.needs if not _there(need, context)]:
                raise TaskSkipped(f"needs {' and '.join(NEEDS[need] for need in missing)}")
            anew = " (made from something else before: starting anew)" if store.stale(name, whole) else ""
            say(f"{label}{anew}")
            finished = _run(task, name, whole, context, store)
        except (TaskSkipped, ConversationError, EndpointError) as error:
            reason = _line(error)
            outcome.skipped.append({"task": name, "reason": reason})
            say(f"{label}: skipped: {reason}")
        except Exception as error:
            if _not_installed(error):
                reason = f"needs the package {error.name}. Mend: {_HINT}"
            else:
                reason = f"stopped by a bug: {type(error).__name__} at {_place(error)}; stderr has the traceback"
                outcome.failed.append(name)
                traceback.print_exception(error, file=sys.stderr)
            outcome.skipped.append({"task": name, "reason": reason})
            say(f"{label}: {'' if name in outcome.failed else 'skipped: '}{reason}")
        else:
            outcome.finished.append(finished)
            say(f"{label}: {len(finished.rows)} figures in {finished.seconds:.1f} s")
    return outcome


def _run(task: Task, name: str, made_from: dict[str, Any], context: Context, store: TaskStore) -> Finished:
    context.used.clear()
    started = time.time()
    result = task.run(context)
    seconds = round(time.time() - started, 3)
    finished = Finished(
        name, made_from, seconds, list(result.rows), list(result.items), list(result.notes), dict(context.used)
    )
    if is_first():
        store.save(finished)
    return finished


def _there(need: str, context: Context) -> bool:
    if need == "data":
        return context.corpora is not None
    if need in ("checkpoints", "judges"):
        return bool(context.checkpoints if need == "checkpoints" else context.has_judges)
    return need in context.model.abilities


def data_fingerprint(data_root: str | Path | None) -> str | None:
    """Names, sizes and times of change of all files below a data root; `hub:org/name` stands for itself."""
    if data_root is None or not Path(data_root).is_dir():
        return None if data_root is None else str(data_root)
    root = Path(data_root)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    told = [(str(path.relative_to(root)), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _not_installed(error: Exception) -> bool:
    """Whether a package is missing; a name that is missing in one that is there, or in Pixel, is a bug."""
    return isinstance(error, ModuleNotFoundError) and bool(error.name) and error.name.partition(".")[0] != "pixel"


def _place(error: Exception) -> str:
    """`file.py:line` that raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"


def _line(error: BaseException) -> str:
    """An error's first line, short."""
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
