"""One task after another: what is finished is kept, what cannot be measured is skipped with a reason."""

import hashlib
import json
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pixel
from pixel.data.errors import ConversationError
from pixel.evaluation.context import Context
from pixel.evaluation.endpoint import EndpointError
from pixel.evaluation.processes import is_first, shared
from pixel.evaluation.store import Finished, TaskStore
from pixel.evaluation.task import NEEDS, Task, TaskSkipped
from pixel.evaluation.tasks import TASKS

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
    """
    module, _, kind = tasks[name].partition(":")
    if find_spec(module) is None:
        raise TaskSkipped("not part of this installation")
    try:
        return getattr(import_module(module), kind)()
    except ImportError as error:
        raise TaskSkipped(f"needs the package {error.name or 'that is missing'}. Mend: {_HINT}") from None


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

    A task whose file in the store was made from the same model, settings, data and code is not run again. What cannot
    be measured is skipped with its reason. A task that fails by a bug is recorded likewise, its traceback goes to
    stderr, and the others go on.

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
            whole = {**made_from, "task": name, "code": code_fingerprint()}
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
        except (TaskSkipped, ConversationError, EndpointError, ImportError) as error:
            reason = _line(error) if not isinstance(error, ImportError) else f"{_line(error)}. Mend: {_HINT}"
            outcome.skipped.append({"task": name, "reason": reason})
            say(f"{label}: skipped: {reason}")
        except Exception as error:
            reason = f"stopped by a bug: {type(error).__name__}: {_line(error)}"
            outcome.skipped.append({"task": name, "reason": reason})
            outcome.failed.append(name)
            print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)
            say(f"{label}: {reason}")
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


@lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """Of Pixel's code and shipped weights, so that figures made by different code are never mixed."""
    root, digest = Path(pixel.__file__).parent, hashlib.sha256(pixel.__version__.encode())
    for file in sorted(root.rglob("*")):
        if file.suffix in (".py", ".yaml", ".json", ".safetensors") and file.is_file():
            digest.update(f"{file.relative_to(root)} ".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def data_fingerprint(data_root: str | Path | None) -> str | None:
    """Names, sizes and times of change of all files below a data root; `hub:org/name` stands for itself."""
    if data_root is None or not Path(data_root).is_dir():
        return None if data_root is None else str(data_root)
    root = Path(data_root)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    told = [(str(path.relative_to(root)), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _line(error: BaseException) -> str:
    """An error's first line, short."""
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
