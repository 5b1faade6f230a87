"""A pipeline's YAML: what it may say, and what is wrong with it, in one line."""

import difflib
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

CODE = ("pixel", "recipes", "datasets_scripts")
"""What a stage's result depends on besides its inputs, unless it says otherwise."""


class PipelineError(ValueError):
    """A pipeline that cannot be run; one line with file, stage, key and mend."""


@dataclass(frozen=True)
class Stage:
    """
    One step from files to files. Paths are relative to where the pipeline is started: the root of the repository.

    Attributes:
        name: unique.
        run: the command, words or one line; `python` is this Python. Files among its words are inputs too.
        inputs: files, folders or patterns whose content matters.
        outputs: files, folders or patterns that it leaves; at least one file each.
        needs: stages that come before.
        code: files and folders of code whose content matters.
        anew: files and folders that are set aside before it runs for another command, other inputs or by force: what a
            stage that goes on by itself would go on from. Changed code and a stage that was cut off leave them.
        retries: how often it is tried again.
        backoff: seconds before the first retry; doubles, with a random factor.
        timeout: seconds for one try.
        grace: seconds it may take to save after SIGTERM.
        when: environment variable without which the stage is left out, `HF_TOKEN` for one.
        environment: more variables.
    """

    name: str
    run: list[str]
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=lambda: list(CODE))
    anew: list[str] = field(default_factory=list)
    retries: int = 0
    backoff: float = 5.0
    timeout: float = float("inf")
    grace: float = 600.0
    when: str | None = None
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PipelineFile:
    """
    Attributes:
        folder: state, logs and, by custom, outputs.
        stages: in an order in which each comes after what it needs.
        alerts: options of `pixel.monitoring.alert_sinks.build_sinks`.
    """

    name: str
    folder: Path
    stages: list[Stage]
    alerts: dict[str, Any] = field(default_factory=dict)

    def after(self, name: str) -> set[str]:
        """That stage and all that need it, directly or not."""
        found = {name}
        for stage in self.stages:
            if found & set(stage.needs):
                found.add(stage.name)
        return found

    def before(self, name: str) -> set[str]:
        """All that a stage needs, directly or not."""
        by_name = {stage.name: stage for stage in self.stages}
        found = set(by_name[name].needs)
        return found.union(*(self.before(needed) for needed in by_name[name].needs)) if found else found


_LISTS, _NUMBERS = ("inputs", "outputs", "needs", "code", "anew"), ("retries", "backoff", "timeout", "grace")


def read_pipeline(file: str | Path) -> PipelineFile:
    """
    Read and check a pipeline.

    `{folder}` and the names under `variables` are replaced in every command and path.

    Raises:
        PipelineError: no such file, not YAML, an unknown key, a wrong type, a circle, an input that is neither there
            nor
            made by a stage that is needed.
    """
    file = Path(file)
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PipelineError(f"{file}: {error.strerror}. Mend: name a YAML of recipes/pipelines") from error
    except yaml.YAMLError as error:
        raise PipelineError(f"{file}: not YAML: {' '.join(str(error).split())}. Mend: fix that line") from error
    try:
        return _pipeline(content, file.stem)
    except PipelineError as error:
        raise PipelineError(f"{file}: {error}") from None


def _pipeline(content: Any, stem: str) -> PipelineFile:
    _known(content, ("name", "folder", "variables", "alerts", "stages"), "the pipeline")
    stages = content.get("stages")
    if not isinstance(stages, dict) or not stages:
        raise PipelineError("stages: none. Mend: stages: {NAME: {run: COMMAND, outputs: [FILE]}}")
    name = str(content.get("name", stem))
    folder = str(content.get("folder", f"outputs/pipelines/{name}"))
    words = {str(key): str(value) for key, value in (content.get("variables") or {}).items()} | {"folder": folder}
    made = {str(key): _stage(str(key), value, words) for key, value in stages.items()}
    for stage in made.values():
        for needed in stage.needs:
            if needed not in made:
                raise PipelineError(f"stage {stage.name}: needs: no stage {needed!r}{_nearest(needed, made)}")
    pipeline = PipelineFile(name, Path(folder), _ordered(made), dict(content.get("alerts") or {}))
    for stage in pipeline.stages:
        _check_inputs(stage, pipeline)
    return pipeline


def _stage(name: str, content: Any, words: Mapping[str, str]) -> Stage:
    where = f"stage {name}"
    _known(content, [one.name for one in fields(Stage) if one.name != "name"], where)
    if not content.get("run"):
        raise PipelineError(f"{where}: run: no command. Mend: run: python recipes/X.py ...")
    given = {key: _filled(value, words) for key, value in content.items()}
    for key in _LISTS:
        given[key] = [given[key]] if isinstance(given.get(key), str) else given.get(key)
        if given[key] is None:
            del given[key]
        elif not isinstance(given[key], list) or not all(isinstance(one, str) for one in given[key]):
            raise PipelineError(f"{where}: {key}: no list of words. Mend: {key}: [ONE, TWO]")
    for key in _NUMBERS:
        if (
            not isinstance(given.get(key, 0), (int, float))
            or isinstance(given.get(key), bool)
            or given.get(key, 0) < 0
        ):
            raise PipelineError(f"{where}: {key}: {given[key]!r} is no number of at least 0. Mend: {key}: 3")
    if not isinstance(given.get("environment", {}), dict):
        raise PipelineError(f"{where}: environment: no mapping. Mend: environment: {{NAME: VALUE}}")
    if "environment" in given:
        given["environment"] = {str(key): str(value) for key, value in given["environment"].items()}
    run = given["run"]
    run = shlex.split(run) if isinstance(run, str) else [str(word) for word in run]
    given["run"] = [sys.executable if run[0] == "python" else run[0], *run[1:]]
    return Stage(name, **given)


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for name, word in words.items():
            value = value.replace(f"{{{name}}}", word)
        return value
    return [_filled(one, words) for one in value] if isinstance(value, list) else value


def _known(content: Any, keys, where: str) -> None:
    if not isinstance(content, dict):
        raise PipelineError(f"{where}: no mapping. Mend: lines of the form key: value")
    for key in content:
        if key not in keys:
            raise PipelineError(f"{where}: unknown key {str(key)!r}{_nearest(str(key), keys)}")


def _nearest(word: str, known) -> str:
    guess = difflib.get_close_matches(word, list(known), 1)
    return f". Mend: did you mean {guess[0]}?" if guess else f". Mend: use one of {', '.join(known)}"


def _ordered(stages: Mapping[str, Stage]) -> list[Stage]:
    """As they stand in the file, but each after what it needs."""
    ordered: list[Stage] = []
    while len(ordered) < len(stages):
        done = {stage.name for stage in ordered}
        ready = [stage for stage in stages.values() if stage.name not in done and done >= set(stage.needs)]
        if not ready:
            circle = ", ".join(name for name in stages if name not in done)
            raise PipelineError(f"stages {circle}: each waits for another. Mend: take one out of needs")
        ordered.append(ready[0])
    return ordered


def _check_inputs(stage: Stage, pipeline: PipelineFile) -> None:
    before = pipeline.before(stage.name)
    for path in stage.inputs:
        if any(_within(path, old) for old in stage.anew):
            raise PipelineError(
                f"stage {stage.name}: anew: {path} is an input. Mend: name what the stage itself makes"
            )
        makers = [one for one in pipeline.stages if any(_within(path, output) for output in one.outputs)]
        if stage in makers:
            raise PipelineError(f"stage {stage.name}: inputs: {path} is its own output. Mend: take it out")
        if makers and not {one.name for one in makers} & before:
            needed = makers[0].name
            raise PipelineError(f"stage {stage.name}: inputs: {path} comes from {needed}. Mend: needs: [{needed}]")
        if (
            not makers
            and not Path(path).exists()
            and not any(Path().glob(path) if not Path(path).is_absolute() else ())
        ):
            raise PipelineError(
                f"stage {stage.name}: inputs: {path} is not there and no stage makes it. Mend: correct it, or name it "
                "among the outputs of a stage"
            )


def _within(path: str, folder: str) -> bool:
    return path == folder or Path(path).is_relative_to(folder) or Path(folder).is_relative_to(path)
