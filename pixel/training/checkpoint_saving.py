"""Checkpoints that are whole or not there: written aside, sealed, renamed; on all processes or on none."""

import json
import shutil
import time
from functools import partial as bound
from pathlib import Path
from typing import Any

from transformers.trainer_callback import ExportableState

from pixel.checkpoints import (
    Background,
    Retention,
    Room,
    finish,
    make_room,
    partial_of,
    progress,
    prune,
    readable,
)
from pixel.monitoring.alerts import Alert
from pixel.training.callbacks.stop_on_request import StopOnRequest
from pixel.training.checkpoint_resuming import CheckpointResuming, sharding_of
from pixel.training.checkpoint_writing import (
    StorageError,
    describe_network,
    rough_size,
    to_the_end,
    together,
    write_latest,
)
from pixel.training.ranks import is_first, shared
from pixel.training.running_log import RunningLog

STATE_FILE = "objectives.json"


class CheckpointSaving(CheckpointResuming):
    """
    A mixin before `transformers.Trainer`; the class that mixes it in has `alerts`, `state_to_keep` and `take_back`.

    A checkpoint holds the weights, optimizer, learning-rate schedule, random states of every process, trainer state
    with all callbacks, `objectives.json`, and `manifest.json` with the hash of each, written last. It is written to
    `OUTPUT/.checkpoint-STEP.partial`; nothing but a sealed folder is ever called `checkpoint-*`.

    Where there is no room, or a process cannot write, there is an alert, no broken folder, and training goes on.

    Attributes:
        preempted: training ended before its time, on a signal or to be rolled back; it is to be started again.
    """

    def set_up_checkpoints(self) -> None:
        """Called once, after the trainer's `__init__`."""
        self.stop_on_request = StopOnRequest(self.args.save_on_signal)
        self.add_callback(self.stop_on_request)
        self.running_log = RunningLog(self)
        self.add_callback(self.running_log)
        self._background = Background()
        self._saved_step: int | None = None

    @property
    def preempted(self) -> bool:
        """Whether training ended on a signal or to be rolled back, and not because it was done."""
        return self.stop_on_request.reason is not None

    def retention(self) -> Retention:
        """What `save_total_limit`, `keep_best` and `keep_every` say, and the best model so far."""
        best = self.state.best_model_checkpoint
        return Retention(
            last=self.args.save_total_limit,
            best=self.args.keep_best,
            every=self.args.keep_every,
            greater_is_better=bool(self.args.greater_is_better),
            names=frozenset([Path(best).name] if best else []),
        )

    # ── saving ──

    def _save_checkpoint(self, model, trial):
        """In the place of transformers' own, with the same files."""
        step, folder = self.state.global_step, Path(self._get_output_dir(trial=trial))
        self.wait_for_checkpoint()
        if shared(self._saved_step == step):  # sealing beside the training may have failed, which the first one knows
            return
        if self.hp_search_backend is None and trial is None:
            self.store_flos()
        written, waiting, until = partial_of(folder, step), False, time.monotonic() + self.args.save_patience
        while (error := self._try_to_save(folder, written)) is not None:
            if not shared(time.monotonic() < until and not self.stop_on_request.told):
                self._give_up(written, error)
                return
            if not waiting and is_first():
                message = f"checkpoint-{step} cannot be written yet: {error}. Training waits for at most "
                message += f"{self.args.save_patience:.0f} s (save_patience). Mend: free space"
                self.alerts.send(Alert("checkpoint_waits", "warning", step, message))
            waiting = True
            if self.args.should_save:
                shutil.rmtree(written, ignore_errors=True)
            time.sleep(min(1.0, self.args.save_patience))
        self._saved_step = step
        if self.args.push_to_hub:
            self.wait_for_checkpoint()
            self._push_from_checkpoint(str(folder / f"checkpoint-{step}"))

    def _try_to_save(self, folder: Path, written: Path) -> StorageError | None:
        """Once; what was in the way, if anything."""
        step, best = self.state.global_step, self.state.best_model_checkpoint
        try:
            room = self._room(folder)
            if not room.enough:
                raise StorageError(f"it takes about {readable(room.needed)} and {readable(room.free)} are free")
            self._choose_best(folder)
            self._write(written)
            work = bound(self._finish, written, folder / f"checkpoint-{step}", step, self._facts(step))
            if not self.args.async_save:
                together(work if self.args.should_save else lambda: None)
            elif self.args.should_save:
                self._background.start(work)
        except StorageError as error:
            self.state.best_model_checkpoint = best
            return error
        return None

    def _room(self, folder: Path) -> Room:
        """What the process that writes finds; the first one's on all."""
        room, error = Room(0, 0), None
        if is_first():
            try:
                room = make_room(folder, rough_size(self.model, self.optimizer), self.retention())
            except OSError as problem:  # the folder cannot even be read
                error = f"{type(problem).__name__}: {problem}"
        room, error = shared((room, error))
        if error:
            raise StorageError(error)
        return room

    def _choose_best(self, folder: Path) -> None:
        """Where the best model is, as transformers does, under the name that it will have."""
        best = self.state.best_global_step
        if best and (best == self.state.global_step or shared((folder / f"checkpoint-{best}").exists())):
            self.state.best_model_checkpoint = str(folder / f"checkpoint-{best}")

    def _write(self, folder: Path) -> None:
        """Every part, on every process; each part is agreed on before the next begins."""
        writes = self.args.should_save
        engine = self.model_wrapped if self.is_deepspeed_enabled else None

        def make():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

        def weights():
            with to_the_end(engine):
                self.save_model(str(folder), _internal_call=True)

        def optimizer():
            with to_the_end(engine):
                self._save_optimizer_and_scheduler(str(folder))
            self._save_scaler(str(folder))

        def state():
            write_latest(engine if is_first() and not self.args.save_only_model else None, folder)
            self._export_callbacks()
            self.state.save_to_json(str(folder / "trainer_state.json"))
            (folder / STATE_FILE).write_text(json.dumps(kept))
            describe_network(self, folder)

        together(make if writes else lambda: None)
        together(weights)
        if not self.args.save_only_model:
            together(optimizer)
            together(lambda: self._save_rng_state(str(folder)))
        kept = self.state_to_keep() | {"running": self.running_log.gathered()}
        together(state if writes else lambda: None)

    def _export_callbacks(self) -> None:
        """As transformers does, but several callbacks of one class are written anew and not appended each time."""
        states: dict[str, Any] = {}
        for callback in [*self.callback_handler.callbacks, self.control]:
            if isinstance(callback, ExportableState):
                states.setdefault(type(callback).__name__, []).append(callback.state())
        self.state.stateful_callbacks = {name: all_[0] if len(all_) == 1 else all_ for name, all_ in states.items()}

    def _facts(self, step: int) -> dict[str, Any]:
        """What lists and resumes want to know without opening the checkpoint."""
        name = self.args.metric_for_best_model
        facts = {"written": time.time(), "world_size": self.args.world_size, "sharding": sharding_of(self)}
        if name:
            key = name if name.startswith("eval_") else f"eval_{name}"
            values = [e[key] for e in self.state.log_history if e.get("step") == step and key in e]
            facts |= {"metric_name": key, "greater_is_better": bool(self.args.greater_is_better)}
            facts |= {"metric": float(values[-1])} if values else {}
        return facts

    def _finish(self, written: Path, final: Path, step: int, facts: dict[str, Any]) -> None:
        finish(written, final, step, facts)
        if self.args.save_total_limit:
            prune(final.parent, self.retention())

    def _give_up(self, written: Path, error: BaseException) -> None:
        """Leave nothing behind, and say so."""
        if self.args.should_save:
            shutil.rmtree(written, ignore_errors=True)
        if not is_first():
            return
        last = progress(written.parent).step
        since = f"the newest whole one is checkpoint-{last}" if last else "there is no other yet"
        message = f"checkpoint-{self.state.global_step} was not saved: {error}. Training goes on; {since}. "
        message += "Mend: free space or give another output_dir, and lower save_total_limit"
        self.alerts.send(Alert("checkpoint_not_saved", "error", self.state.global_step, message))
        if not self.alerts.sinks:
            print(message, flush=True)

    def wait_for_checkpoint(self) -> None:
        """Until the checkpoint that is being finished beside the training is there, or is known to have failed."""
        error = self._background.wait()
        if error is not None:
            failed = self._saved_step
            self._saved_step = None
            self._give_up(partial_of(self.args.output_dir, failed), error)

    # ── the end ──

    def _finalize_training(self, trial, num_train_samples, start_time):
        """Transformers would remove the newest checkpoint at the end where the limit is one and another is best."""
        self.wait_for_checkpoint()
        together(lambda: None)  # no process goes on before the last checkpoint has its name
        limit, load_best = self.args.save_total_limit, self.args.load_best_model_at_end
        best, self.args.save_total_limit = self.state.best_model_checkpoint, None
        if load_best and best is not None and not self.preempted:
            problem = shared(self.problem_with(best) if is_first() else None)
            if problem and is_first():
                message = f"the best model is not loaded: {problem}. Mend: choose another with recipes/checkpoints.py"
                self.alerts.send(Alert("best_checkpoint_broken", "error", self.state.global_step, message))
            self.args.load_best_model_at_end = not problem
        else:
            self.args.load_best_model_at_end = load_best and not self.preempted
        try:
            return super()._finalize_training(trial, num_train_samples, start_time)
        finally:
            self.args.save_total_limit, self.args.load_best_model_at_end = limit, load_best
