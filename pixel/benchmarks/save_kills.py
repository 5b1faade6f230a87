"""SIGKILL before every single thing that a save does on the disk: does the run go on, and end the same?"""

import hashlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from pixel.benchmarks.checkpoint_run import STEPS, tiny_trainer
from pixel.checkpoints import checkpoints, newest_valid, step_of, verify
from pixel.training import PixelTrainer

EVENTS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "os.truncate"}
"""Audit events of Python that touch files; `os.replace` is `os.rename` there."""


def save_kills(every: int = 1, options: dict[str, Any] | None = None, progress: bool = True) -> dict[str, Any]:
    """
    Count what a run does below its output folder, kill one run before each of these, resume it, and compare.

    Args:
        every: only each so-many-th moment, for a quick look.
        options: of the run, see `tiny_trainer`; by default one checkpoint is kept, so that old ones are removed.
        progress: show a bar.

    Returns:
        `moments`: things done on the disk in an unbroken run; `killed`, `resumed`: of those; `same`: how many resumed
        runs ended with the weights of the unbroken one, to the last bit; `redone`: the most steps taken again;
        `unsealed`: moments after which a `checkpoint-*` folder was not whole; `failed`: moments after which the run
        did not end.
    """
    found: dict[str, Any] = {"killed": 0, "resumed": 0, "same": 0, "redone": 0, "unsealed": [], "failed": []}
    with tempfile.TemporaryDirectory() as made:
        trainer = tiny_trainer(Path(made) / "whole", **{"save_total_limit": 1} | (options or {}))  # children train it
        whole, count = Path(made) / "whole", Path(made) / "count"
        if status := _in_a_child(lambda: _train(trainer, whole, count=count)):
            raise RuntimeError(f"the unbroken run ended with {status}")
        expected, moments = _digest(whole), int(count.read_text())
        for moment in tqdm(range(1, moments + 1, every), desc="Kills", disable=not progress):
            folder, reached = Path(made) / f"killed-{moment}", Path(made) / f"killed-{moment}.step"
            status = _in_a_child(lambda f=folder, m=moment, r=reached: _train(trainer, f, kill_before=m, reached=r))
            found["killed"] += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
            if any(not verify(path).valid for path in checkpoints(folder)):
                found["unsealed"].append(moment)
            newest, _ = newest_valid(folder, quarantine=False)
            done = int(reached.read_text()) if reached.exists() else 0
            found["redone"] = max(found["redone"], done - (step_of(newest) if newest else 0))
            if _in_a_child(lambda f=folder: _train(trainer, f)) != 0:
                found["failed"].append(moment)
                continue
            found["resumed"] += 1
            found["same"] += _digest(folder) == expected
            shutil.rmtree(folder)
    return {"moments": moments, "tried": len(range(1, moments + 1, every))} | found


def _train(
    trainer: PixelTrainer,
    folder: Path,
    kill_before: int | None = None,
    reached: Path | None = None,
    count: Path | None = None,
) -> None:
    """Train to the end, or to the moment; in a child process, since an audit hook stays for good."""
    trainer.args.output_dir, seen, inside = str(folder), [0], str(folder)

    def heard(event: str, arguments: tuple) -> None:
        if event in EVENTS and arguments and (str(arguments[0]) + os.sep).startswith(inside):
            if event == "open" and not (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                return  # reading
            seen[0] += 1
            if seen[0] == kill_before:
                if reached is not None:
                    reached.write_text(str(trainer.state.global_step))
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(heard)
    trainer.train(resume_from_checkpoint="auto")
    if count is not None:
        count.write_text(str(seen[0]))


def _in_a_child(work) -> int:
    """Run in a forked process, its output thrown away; the wait status."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with open(os.devnull, "w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
                work()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def _digest(folder: Path) -> str:
    return hashlib.sha256((folder / f"checkpoint-{STEPS}" / "model.safetensors").read_bytes()).hexdigest()
