"""A training run that is killed again and again, beside one that is not: do they end up the same, to the last bit?"""

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from pixel.checkpoints import newest_valid
from pixel.metrics.table import markdown
from pixel.training.objective_training import STATE_FILE

SAME = {
    "log": "loss curve and all else that was logged",
    "weights": "the model",
    "objectives": "loss weights, Gram averages and weights at the fork",
}
VARIES = re.compile(r"runtime|per_second|total_flos")
"""Keys of the log that measure the machine."""


def kill_and_resume(command: Sequence[str], folder: Path, steps: int, kills: int, seed: int = 0) -> dict[str, Any]:
    """
    Run a recipe once whole, and once with SIGKILL at random moments, resumed from the newest whole checkpoint.

    Args:
        command: of `recipes/train.py`, without output folder; it must log every step, save checkpoints, and end with
            one at its last step.
        folder: for both runs.
        steps: of the run.
        kills: how often the second run is killed; moments are drawn over the whole run.
        seed: of the moments.

    Returns:
        `kills`: for each, the log line after which it came, and the checkpoint resumed from; `same_log`,
        `same_weights`: whether loss curve, weights of objectives, curriculum and all else that was logged, and the
        model file, are equal; `steps_redone`: how many optimizer steps were taken again in all.

    Raises:
        RuntimeError: a run failed by itself.
    """
    whole, broken = folder / "whole", folder / "broken"
    _run([*command, "--output_dir", str(whole)], folder / "whole.log")
    draw, moments, redone = random.Random(seed), [], 0
    targets = sorted(draw.randint(1, steps - 1) for _ in range(kills))
    for target in tqdm(targets, desc="Kills"):
        start = newest_whole(broken)
        reached = _run(
            [*command, "--output_dir", str(broken), *_resume(start)],
            folder / "broken.log",
            kill_at=max(target - _step(start), 1),
            delay=draw.uniform(0.0, 0.1),
        )
        at = _step(start) + reached
        redone += at - _step(newest_whole(broken))
        moments.append({"after_step": at, "resumed_from": _step(newest_whole(broken))})
    _run([*command, "--output_dir", str(broken), *_resume(newest_whole(broken))], folder / "broken.log")
    last = f"checkpoint-{steps}"
    return {
        "kills": moments,
        "same_log": _log(whole / last) == _log(broken / last),
        "same_weights": _digest(whole / "model.safetensors") == _digest(broken / "model.safetensors"),
        "same_objectives": (whole / last / STATE_FILE).read_text() == (broken / last / STATE_FILE).read_text(),
        "steps_redone": redone,
        "logged": len(_log(whole / last)),
    }


def newest_whole(folder: Path) -> Path | None:
    """The newest checkpoint whose every byte is as it was sealed; broken ones stay where they are."""
    return newest_valid(folder, quarantine=False)[0]


def _step(checkpoint: Path | None) -> int:
    return 0 if checkpoint is None else int(checkpoint.name.rsplit("-", 1)[1])


def _resume(checkpoint: Path | None) -> list[str]:
    return [] if checkpoint is None else ["--resume_from_checkpoint", str(checkpoint)]


def _run(command: Sequence[str], log: Path, kill_at: int | None = None, delay: float = 0.0) -> int:
    """Run to the end, or kill after so many logged steps; how many were logged."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    log.parent.mkdir(parents=True, exist_ok=True)
    seen = 0
    with log.open("a") as out:
        process = subprocess.Popen(
            [sys.executable, *command, "--disable_tqdm", "true"],
            stdout=subprocess.PIPE, stderr=out, text=True, env=environment, process_group=0,
        )  # fmt: skip
        for line in process.stdout:
            out.write(line)
            seen += line.startswith("{'loss'")
            if kill_at is not None and seen >= kill_at:
                time.sleep(delay)
                os.killpg(process.pid, signal.SIGKILL)
                seen += sum(rest.startswith("{'loss'") for rest in process.stdout)
                break
        code = process.wait()
    if kill_at is None and code != 0:
        raise RuntimeError(f"the run ended with {code}; see {log}")
    return seen


def _log(checkpoint: Path) -> list[dict[str, Any]]:
    history = json.loads((checkpoint / "trainer_state.json").read_text())["log_history"]
    return [{key: value for key, value in entry.items() if not VARIES.search(key)} for entry in history]


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def kills_markdown(result: dict[str, Any]) -> str:
    """The kills as a table, and whether anything was lost."""
    rows = [[place, kill["after_step"], kill["resumed_from"]] for place, kill in enumerate(result["kills"], 1)]
    table = markdown(["kill", "after step", "resumed from"], rows)
    same = {name: "the same to the last bit" if result[f"same_{name}"] else "DIFFERENT" for name in SAME}
    said = "\n".join(f"- {words}: {same[name]}" for name, words in SAME.items())
    return f"{table}\n\n{result['logged']} log entries, {result['steps_redone']} steps taken again.\n{said}"
