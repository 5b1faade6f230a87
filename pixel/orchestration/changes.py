"""Whether a stage has to run: what it would be run with now beside what it was run with."""

import sys
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from pixel.orchestration.content import Hashes
from pixel.orchestration.pipeline_file import Stage


def asked(stage: Stage, hashes: Hashes) -> dict[str, Any]:
    """What a stage would be run with now: the command, and the content of inputs (files it names too) and code."""
    named = [word for word in stage.run[1:] if Path(word).is_file() and not _made_by(word, stage)]
    return {
        "run": ["python" if word == sys.executable else word for word in stage.run],
        "environment": stage.environment,
        "inputs": hashes.of_all(dict.fromkeys([*stage.inputs, *named])),
        "code": hashes.of_all(stage.code),
    }


def reason_to_run(stage: Stage, before: Mapping[str, Any], hashes: Hashes) -> str:
    """
    Why a stage has to run, in a few words.

    Args:
        stage: to look at.
        before: its entry of the pipeline's state.
        hashes: of files.

    Returns:
        `""`: it has not.
    """
    if before.get("state") != "done":
        return {"running": "was cut off", "failed": "failed before"}.get(before.get("state", ""), "never done")
    now, then = asked(stage, hashes), before.get("asked", {})
    for kind, word in (("run", "command"), ("environment", "environment")):
        if now[kind] != then.get(kind):
            return f"{word} changed"
    for kind in ("inputs", "code"):
        was = then.get(kind, {})
        for path in sorted({*now[kind], *was}):
            if now[kind].get(path) != was.get(path):
                return f"{path} changed"
    for path in stage.outputs:
        found = hashes.of(path)
        if found != before.get("outputs", {}).get(path):
            return f"{path} {'changed' if found else 'is gone'}"
    return ""


def other_work(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a stage was begun with another command, environment or inputs than now; code does not count."""
    then = before.get("asked")
    return bool(then) and any(now[kind] != then.get(kind) for kind in ("run", "environment", "inputs"))


def set_aside(paths: Iterable[str]) -> list[tuple[Path, Path]]:
    """Rename what is there to `NAME.before-1`, `-2`, ...; from what to what."""
    moved = []
    for path in map(Path, paths):
        if path.exists():
            places = (path.with_name(f"{path.name}.before-{number}") for number in count(1))
            moved.append((path, path.rename(next(place for place in places if not place.exists()))))
    return moved


def _made_by(word: str, stage: Stage) -> bool:
    return any(word == output or Path(word).is_relative_to(output) for output in stage.outputs)
