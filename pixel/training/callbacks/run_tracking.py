"""Hands the log of a run to its trackers, and writes where the run came from. Trackers never hold training up."""

import atexit
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from pixel.tracking.artifacts import artifacts_of, brief_lineage
from pixel.tracking.guard import Guarded
from pixel.tracking.ledger import Ledgers
from pixel.tracking.lineage import lineage, manifests, write_lineage
from pixel.tracking.panels import grouped
from pixel.tracking.registry import write_history
from pixel.tracking.settings import TrackingSettings, installed
from pixel.tracking.trackers import RunInfo, Tracker, tracker_for
from pixel.tracking.trackers.wrapped import WrappedCallback

_OPEN: list["RunTracking"] = []


class RunTracking(TrainerCallback):
    """
    What `tracking` and `report_to` name, on the main process alone: `trackio`, `wandb`, `tensorboard` under the names
    of `pixel/tracking/panels.yaml`, others as transformers' own callbacks.

    Each tracker works in a thread of its own (`pixel.tracking.guard.Guarded`). What one did not take is given again
    from the log that checkpoints keep: when the run is resumed, and at its end. A resumed run goes on in the same run
    of the tracker and doubles no step (`pixel.tracking.ledger`).

    Numbers only: no message text reaches a tracker. Settings do, without secrets.

    Runs stay open after training, for what is measured then: `conclude` ends them, or the end of the process, or the
    next training in it.

    Args:
        trainer: whose `args` say what to track.
        make: builds a tracker from its name (for tests).
    """

    def __init__(self, trainer, make=tracker_for):
        self.trainer, self.make = trainer, make
        self.settings = TrackingSettings.of(trainer.args.tracking)
        self.about: dict[str, Any] = {}
        self.lineage: dict[str, Any] = {}
        self.folder = Path(trainer.args.output_dir)
        self._ledgers = Ledgers(self.folder)
        self._guards: dict[str, Guarded] = {}
        self._trackers: dict[str, Tracker] = {}
        self._started: set[str] = set()
        self._patience = self.settings.patience
        self._start: dict[str, Callable[[], None]] = {}

    def describe(
        self,
        config: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        parent: Mapping[str, Any] | None = None,
    ) -> None:
        """More of the run's origin, before it starts: see `pixel.tracking.lineage.lineage`."""
        self.about = {"config": dict(config or {}), "data": data, "parent": parent}

    # ── what it hears ──

    def on_train_begin(self, args, state, control, model=None, **kwargs):
        if not state.is_world_process_zero:
            return
        for earlier in list(_OPEN):
            earlier.close()
        self._ledgers.open(self.settings.trackers, resumed=state.global_step > 0)
        self._write_lineage(args)
        for name in self.settings.trackers:
            if installed(name):
                self._open(name, args, state, control, model)
            else:
                print(f"tracking: {name} is not installed. Mend: pip install {name}, or leave it out", file=sys.stderr)
        if self._guards:
            _OPEN.append(self)
            if hasattr(self.trainer, "alerts") and self._alert not in self.trainer.alerts.sinks:
                self.trainer.alerts.sinks.append(self._alert)
                for alert in self.trainer.alerts.sent:  # before training: what is wrong with the held-out rows
                    self._alert(alert)

    def on_log(self, args, state, control, logs=None, **kwargs):
        if state.is_world_process_zero and logs and self._guards:
            values = grouped(logs)
            for name in self._guards:
                self._give(name, state.global_step, values)

    def on_train_end(self, args, state, control, **kwargs):
        if not state.is_world_process_zero:
            return
        try:
            write_history(self.folder, state)
        except OSError as error:
            print(f"tracking: history.json cannot be written and the run goes on: {error}", file=sys.stderr)
        if self._guards:
            for name, guard in self._guards.items():
                guard.wake()
                self._replay(name, state.log_history)
            self.flush()

    # ── the end ──

    def conclude(
        self, figures: Mapping[str, float] | None = None, files: Iterable[Path] = (), model: Path | None = None
    ) -> None:
        """
        The last word of a run: its figures, what it made, and the end of its trackers.

        Args:
            figures: name -> value, for the summary.
            files: lineage, metrics, report; those that are not there are passed over.
            model: folder of the saved model. Its hash goes along, its weights where `artifacts` is `model`.
        """
        if not self.trainer.is_world_process_zero():
            return
        if self.lineage:
            self._write_lineage(self.trainer.args, ended=True)
        if self._guards and self.settings.artifacts != "none":
            there = [Path(file) for file in files if Path(file).is_file()]
            for made in artifacts_of(self.lineage, there, model, self.settings.artifacts == "model"):
                self._to_all("artifact", made.name, made.kind, made.files, made.metadata)
        if figures:
            self._to_all("summary", dict(figures))
        self.close()

    def flush(self) -> bool:
        """Wait for the trackers, together at most `patience` seconds; whether all are through."""
        end = time.monotonic() + self._patience
        done = all([guard.flush(max(0.0, end - time.monotonic())) for guard in self._guards.values()])
        self._patience = max(1.0, end - time.monotonic())  # what hangs is waited for once
        return done

    def close(self) -> None:
        """End the trackers' runs, and say what they did not take."""
        if self in _OPEN:
            _OPEN.remove(self)
        end = time.monotonic() + self._patience
        for name, guard in self._guards.items():
            guard.submit(partial(self._finish, name))
        for name, guard in self._guards.items():
            guard.close(max(0.1, end - time.monotonic()))
            missed = self._ledgers.by_tracker[name].missed
            if missed:
                print(f"tracking: {name} lacks {len(missed)} steps ({guard.reason}); history.json has them")
        if self._guards:
            self._ledgers.save()
        self._guards = {}  # what started stays on the list: a thread left behind must not open its run again

    # ── how ──

    def _finish(self, name: str) -> None:
        if name in self._started:
            self._trackers[name].finish()

    def _open(self, name: str, args, state, control, model) -> None:
        ledger = self._ledgers.by_tracker[name]
        self._started.discard(name)
        info = RunInfo(
            id=ledger.run,
            name=self.settings.name or args.run_name or f"{self.folder.resolve().name}-{ledger.run}",
            folder=self.folder.resolve(),
            settings=self.settings,
            resumed=state.global_step > 0 and ledger.last >= 0,
            step=state.global_step,
            config={**self.lineage.get("config", {}), "lineage": brief_lineage(self.lineage)},
        )
        self._guards[name] = Guarded(name, self.settings.queue)
        self._trackers[name] = self.make(name, lambda which: WrappedCallback(which, args, state, control, model))

        def start():
            if name not in self._started:
                held = self._trackers[name].start(info)
                self._started.add(name)
                if held is not None:
                    ledger.back_to(held)

        self._start[name] = start
        self._guards[name].submit(start)
        self._replay(name, state.log_history)

    def _give(self, name: str, step: int, values: Mapping[str, float]) -> None:
        ledger, tracker = self._ledgers.by_tracker[name], self._trackers[name]

        def give():
            self._start[name]()
            fresh = ledger.fresh(step, values)
            if fresh:
                tracker.log(step, fresh)
                ledger.given(step, fresh)
                self._ledgers.save()

        self._guards[name].submit(give, lambda: ledger.miss(step, values))

    def _replay(self, name: str, history: Iterable[Mapping[str, Any]]) -> None:
        """Give a tracker what it lacks of the log so far."""
        entries, ledger, tracker = list(history), self._ledgers.by_tracker[name], self._trackers[name]

        def replay():
            self._start[name]()
            for entry in entries:
                step = int(entry.get("step", 0))
                if step >= ledger.last or step in ledger.missed:
                    fresh = ledger.fresh(step, grouped(entry))
                    if fresh:
                        tracker.log(step, fresh)
                        ledger.given(step, fresh)
            self._ledgers.save()

        if entries:
            self._guards[name].submit(replay)

    def _alert(self, alert) -> None:
        self._to_all("alert", alert)

    def _to_all(self, method: str, *given) -> None:
        for name, guard in self._guards.items():
            guard.submit(partial(getattr(self._trackers[name], method), *given))

    def _write_lineage(self, args, ended: bool = False) -> None:
        try:
            if not ended:
                self.lineage = self._origin(args)
            self.lineage["checkpoints"] = manifests(self.folder)
            write_lineage(self.folder, self.lineage)
        except (OSError, TypeError, ValueError) as error:
            print(f"tracking: lineage.json cannot be written and the run goes on: {error}", file=sys.stderr)

    def _origin(self, args) -> dict[str, Any]:
        pixel = getattr(self.trainer, "pixel", None)
        config = {"training": args.to_dict(), "network": pixel.config.to_dict() if pixel is not None else {}}
        return lineage(
            config={**config, **self.about.get("config", {})},
            data=self.about.get("data"),
            parent=self.about.get("parent"),
            seeds={"seed": args.seed, "data_seed": args.data_seed if args.data_seed is not None else args.seed},
            run=next((ledger.run for ledger in self._ledgers.by_tracker.values()), ""),
        )


@atexit.register
def _close_all() -> None:
    for tracking in list(_OPEN):
        tracking.close()
