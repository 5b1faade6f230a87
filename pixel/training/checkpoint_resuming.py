"""Which checkpoint training goes on from: looked at by one process, whole, and of this many processes."""

from pathlib import Path
from typing import Any

from pixel.checkpoints import (
    FINISHED,
    MANIFEST,
    CheckpointError,
    Verdict,
    ask_to_roll_back,
    checkpoints,
    newest_valid,
    put_aside,
    require_valid,
    roll_back_if_asked,
    step_of,
    sweep,
)
from pixel.checkpoints.going_back import REQUEST, ROLLED_BACK
from pixel.models import PixelForCausalLM
from pixel.training.ranks import first_error, is_first, shared

AUTO = "auto"


class CheckpointResuming:
    """A mixin before `transformers.Trainer`: `train(resume_from_checkpoint="auto")`, and what comes with it."""

    def train(self, resume_from_checkpoint: str | bool | None = None, *args, **kwargs):
        """
        As `Trainer.train`.

        Args:
            resume_from_checkpoint: `auto` or `True`: the newest whole checkpoint, or the start where there is none;
                broken ones are moved to `OUTPUT/quarantine` and named. A folder: that checkpoint, which must be whole.
                Checkpoints of later steps, and all of them where training starts anew or from a folder elsewhere, are
                moved to `OUTPUT/rolled_back`, since they are of another run from here on.

        Raises:
            CheckpointError: a broken checkpoint, or one that this number of processes cannot go on from.
        """
        folder = self._choose_checkpoint(resume_from_checkpoint)
        self._saved_step = None
        with self.stop_on_request.listening():
            try:
                result = super().train(str(folder) if folder is not None else None, *args, **kwargs)
            finally:
                self.wait_for_checkpoint()
            self.stop_on_request.look_again(self.args.output_dir, self._saved_step == self.state.global_step)
            return result

    def _choose_checkpoint(self, asked: str | bool | None) -> Path | None:
        """The first process looks and tidies up; all hear of it, or of the error."""
        folder = error = None
        if is_first():
            try:
                folder = choose(Path(self.args.output_dir), asked, sharding_of(self), self.args.world_size)
            except CheckpointError as problem:
                error = problem
            except OSError as problem:
                error = CheckpointError(
                    f"{self.args.output_dir}: {problem}", "make it writable, or name another folder"
                )
        folder, error = shared((folder, error))
        if error is not None:
            raise error
        if folder is not None and self.args.save_on_each_node and self.args.should_save and not is_first():
            problem = self.problem_with(folder)  # another machine's disk
        else:
            problem = None
        if problem := first_error(problem):
            raise CheckpointError(f"a machine's copy is broken: {problem}", "resume from another checkpoint")
        return folder

    def roll_back_to(self, step: int, why: str) -> None:
        """
        End after this step or the next, without saving, and go on from an earlier checkpoint when started again with
        `--resume_from_checkpoint auto`, as a supervisor does. For callbacks; also where weights are sharded.

        Raises:
            CheckpointError: no whole checkpoint of that step.
        """
        error = None
        if is_first():
            try:
                self.wait_for_checkpoint()
                ask_to_roll_back(self.args.output_dir, step, why)
            except CheckpointError as problem:
                error = problem
        if (error := shared(error)) is not None:
            raise error

    def _load_best_model(self):
        """A whole network by the road of a resume: transformers' own leaves the experts as they are."""
        best = Path(self.state.best_model_checkpoint)
        sharded = self.is_deepspeed_enabled or self.is_fsdp_enabled
        if sharded or not isinstance(self.model, PixelForCausalLM) or not list(best.glob("model*.safetensors")):
            return super()._load_best_model()
        self._load_from_checkpoint(str(best))

    @staticmethod
    def problem_with(folder: str | Path) -> str | None:
        """What is wrong with a checkpoint, in one line."""
        try:
            require_valid(folder)
        except CheckpointError as error:
            return error.problem
        return None

    def _run_epoch(self, *args, **kwargs):
        """Transformers looks at `max_steps` after a step: a run resumed at its end would take one too many."""
        if self.state.global_step >= self.state.max_steps:
            self.control.should_training_stop = True
            return
        super()._run_epoch(*args, **kwargs)


def choose(output_dir: Path, asked: str | bool | None, sharding: str, world_size: int) -> Path | None:
    """
    The checkpoint to go on from, and nothing later beside it.

    Args:
        output_dir: of the run.
        asked: `auto` or `True`, a folder, or nothing for a new start.
        sharding: how this run splits its optimizer, see `sharding_of`.
        world_size: processes.

    Returns:
        the checkpoint, or `None` for the start.

    Raises:
        CheckpointError: see `CheckpointResuming.train`.
    """
    automatic = asked is True or asked == AUTO
    sweep(output_dir)
    if automatic:
        if (back := roll_back_if_asked(output_dir)) is not None:
            print(f"Rolled back to step {back['to']} ({back['why']}): {', '.join(back['moved'])} moved", flush=True)
        folder, broken = newest_valid(output_dir)
        for verdict in broken:
            print(_named(verdict), flush=True)
        print(f"Going on from {folder}" if folder else "No checkpoint to go on from: starting anew", flush=True)
    else:
        folder = Path(asked) if asked else None
        _forget(output_dir / REQUEST)  # overruled
    if folder is not None:
        require_fitting(require_valid(folder), sharding, world_size)
    start = 0 if folder is None else max(step_of(folder), 0)
    elsewhere = folder is None or folder.resolve().parent != output_dir.resolve()
    later = [path for path in checkpoints(output_dir) if elsewhere or step_of(path) > start]
    for path in later:
        put_aside(path, output_dir / ROLLED_BACK, [f"a run started again from step {start}"])
    if later:
        names = ", ".join(path.name for path in later)
        aside = f"{names} moved to {output_dir / ROLLED_BACK}: this run starts at step {start}"
        print(f"{aside}. To go on from them, move them back; else remove them, they take space", flush=True)
    _forget(output_dir / FINISHED)
    return folder


def _forget(file: Path) -> None:
    if file.exists():  # a read-only disk refuses to remove even what is not there
        file.unlink()


def require_fitting(verdict: Verdict, sharding: str, world_size: int) -> None:
    """
    Raises:
        CheckpointError: the optimizer in the checkpoint is split otherwise than in this run.
    """
    facts: dict[str, Any] = verdict.facts
    was, processes = facts.get("sharding", sharding), facts.get("world_size", world_size)
    again = (
        f"python recipes/checkpoints.py consolidate --checkpoint {verdict.folder} --output FOLDER, and train from "
        "there (model_name_or_path) with a new optimizer"
    )
    if was != sharding:
        raise CheckpointError(
            f"{verdict.folder}: its optimizer is split as {was}, this run's as {sharding}",
            f"use the accelerate config it began with, or {again}",
        )
    if sharding != "none" and processes != world_size:
        raise CheckpointError(
            f"{verdict.folder}: {processes} processes share its optimizer ({was}), this run has {world_size}",
            f"start with --num_processes {processes}, or {again}",
        )


def sharding_of(trainer) -> str:
    """How a run splits its optimizer over processes: `none`, `zero1` to `zero3`, or `fsdp`."""
    if trainer.is_deepspeed_enabled:
        return f"zero{trainer.accelerator.state.deepspeed_plugin.zero_stage}".replace("zero0", "none")
    return "fsdp" if trainer.is_fsdp_enabled else "none"


def _named(verdict: Verdict) -> str:
    more = f" and {len(verdict.problems) - 1} more" if len(verdict.problems) > 1 else ""
    where = f"was moved to {verdict.moved}" if verdict.moved else verdict.problems[-1]
    words = f"{verdict.folder} is broken and {where}: {verdict.problems[0]}{more}"
    if not ((verdict.moved or verdict.folder) / MANIFEST).exists():
        words += ". Mend, if it is whole and of a Pixel that wrote no manifest: move it back, "
        words += f"python recipes/checkpoints.py seal --checkpoint {verdict.folder}, and start again"
    return words
