"""The gate, shown: real training runs that stop at a checkpoint and go on, end or go back as reviewers say."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pixel.metrics.table import markdown
from pixel.review import ReviewDatabase

VETO = "veto"
"""An answer by ratings: one person rates a conversation of the request as unsafe, and the policy rejects."""

LOOK = 0.3
"""Seconds between the reviewers' looks at the mailbox."""


@dataclass(frozen=True)
class Scene:
    """
    One run.

    Args:
        name: of its folder.
        says: step -> verdict of an adjudicator, or `VETO`; a step that is not named is left unanswered.
        on_timeout, timeout: of the run's gate.
        steps, every: of the run, and between its requests.
        thinks: seconds that a reviewer takes.
        end: optimizer steps that it is to reach.
        outcomes: what each request is to come to.
    """

    name: str
    says: Mapping[int, str]
    end: int
    outcomes: Sequence[str]
    on_timeout: str = "stop"
    timeout: float = 300.0
    steps: int = 12
    every: int = 4
    thinks: float = 2.0
    options: Mapping[str, Any] = field(default_factory=dict)


SCENES = (
    Scene("approved", {4: "approve", 8: "approve", 12: "approve"}, 12, ["approve"] * 3),
    Scene("rolled_back", {4: "approve", 8: "rollback", 12: "rollback"}, 12, ["approve", "rollback", "rollback"]),
    Scene("vetoed", {4: "approve", 8: VETO}, 8, ["approve", "reject"]),
    Scene("timeout_stop", {}, 4, ["timeout"], "stop", 5.0),
    Scene("timeout_continue", {}, 12, ["timeout"] * 3, "continue", 5.0),
)


def gate_demo(command: Sequence[str], config: Mapping[str, Any], folder: Path, scenes=SCENES) -> list[dict[str, Any]]:
    """
    Play the scenes against one review database, which this process holds open as a review server does; each run is a
    process of its own that knows the database's name and nothing else.

    Args:
        command: of `recipes/train.py`, without options.
        config: of a small run; its steps, watchers and output folder are replaced.
        folder: for the database and the runs; must hold no `review.db`.
        scenes: to play.

    Returns:
        for each scene `scene`, `requests` (`step`, `waited`, `outcome`), `steps` reached, `as_expected`,
        `approved_step`; and, where weights were approved, whether every tensor equals that of the approved weights, to
        the last bit: `same_as_approved` of the final model, `checkpoint_same` of the last checkpoint, which was
        written before the last verdict.

    Raises:
        FileExistsError: the folder has an earlier demonstration, whose requests would be answered with these.
        RuntimeError: a run failed by itself; names its log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "review.db").exists():
        raise FileExistsError(f"{folder}: was played in before. Mend: name another folder")
    played = []
    with ReviewDatabase(folder / "review.db") as database:
        for name, role in (("ada", "adjudicator"), ("ben", "reviewer")):
            database.add_reviewer(name, os.urandom(16).hex(), role)
        for scene in scenes:
            output = folder / scene.name
            _play(command, _settings(config, scene, output, database.path), output, database, scene)
            played.append(_told(scene, output))
        database.verify()
    return played


def gate_markdown(played: Sequence[Mapping[str, Any]]) -> str:
    """The scenes as a table: one line a request."""
    rows = []
    for one in played:
        words = {None: "-", True: "equal", False: "different"}
        same = [words[one[name]] for name in ("checkpoint_same", "same_as_approved")]
        for number, request in enumerate(one["requests"]):
            last = number == len(one["requests"]) - 1
            cells = [one["scene"], str(request["step"]), f"{request['waited']:.1f}", request["outcome"]]
            ended = f"step {one['steps']}" + ("" if one["as_expected"] else " (NOT AS EXPECTED)")
            rows.append([*cells, *([ended, *same] if last else ["", "", ""])])
    header = ["run", "paused at step", "waited, s", "outcome", "run ended at"]
    header += ["approved weights and last checkpoint", "and final model"]
    return markdown(header, rows)


def _settings(config: Mapping[str, Any], scene: Scene, output: Path, database: Path) -> dict[str, Any]:
    gate = {"store": str(database), "every": scene.every, "timeout": scene.timeout, "on_timeout": scene.on_timeout}
    watch = {"experts": gate | {"poll": 0.5, "conversations": 2, "show": ["seed"]}}
    steps = {"max_steps": scene.steps, "save_steps": scene.every, "watch_conversations": 6}
    return {**config, **steps, "output_dir": str(output), "watch": watch, **scene.options}


def _play(command: Sequence[str], settings: Mapping, output: Path, database: ReviewDatabase, scene: Scene) -> None:
    import yaml

    output.mkdir(parents=True, exist_ok=True)
    file, log = output / "config.yaml", output / "run.log"
    file.write_text(yaml.safe_dump(dict(settings)), encoding="utf-8")
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, *command, "--config", str(file), "--disable_tqdm", "true"],
            stdout=out, stderr=subprocess.STDOUT, env=os.environ | {"OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        try:
            while process.poll() is None:
                _answer(database, scene, output)
                time.sleep(LOOK)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"the run ended with {process.returncode}; see {log}")


def _answer(database: ReviewDatabase, scene: Scene, output: Path) -> None:
    for request in database.pending():
        if Path(request["checkpoint"]).parent != output:
            continue
        if database.clock() - request["at"] < scene.thinks:
            continue
        says = scene.says.get(request["step"])
        if says == VETO:
            given = database.next_item("ben")
            if given is None or given.item_id not in {one["item_id"] for one in request["panel"]}:
                raise RuntimeError(f"{request['id']}: none of its conversations may be read. Mend: see `show`")
            worst = {one["id"]: one["scale"][0]["value"] for one in given.rubric["dimensions"]}
            database.submit("ben", given.item_id, given.token, worst, comment="unsafe")
        elif says is not None:
            database.give_verdict("ada", request["id"], says, f"shown: {says}")


def _told(scene: Scene, output: Path) -> dict[str, Any]:
    report = json.loads((output / "report.json").read_text())["watchers"]["experts"]
    steps = json.loads((output / "metrics.json").read_text())["steps"]
    requests = [{name: one[name] for name in ("step", "waited", "outcome")} for one in report["requests"]]
    expected = [one["outcome"] for one in requests] == list(scene.outcomes) and steps == scene.end
    kept, last = output / "approved" / "model.safetensors", output / f"checkpoint-{steps}" / "model.safetensors"
    return {
        "scene": scene.name,
        "requests": requests,
        "steps": steps,
        "as_expected": expected,
        "approved_step": (report["approved"] or {}).get("step"),
        "same_as_approved": same_weights(kept, output / "model.safetensors") if kept.is_file() else None,
        "checkpoint_same": same_weights(kept, last) if kept.is_file() else None,
    }


def same_weights(one: Path, other: Path) -> bool:
    """Whether two safetensors files hold the same names, and under each the same bits."""
    from safetensors.torch import load_file

    first, second = load_file(one), load_file(other)
    return first.keys() == second.keys() and all(first[name].equal(second[name]) for name in first)
