"""A run that is told to stop finishes its step, saves, and ends; on every process after the same step."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from transformers import TrainerCallback

from pixel.checkpoints.going_back import rollback_asked
from pixel.training.ranks import is_first
from pixel.training.step_agreement import StepAgreement

SIGNALS = (signal.SIGTERM, signal.SIGUSR1)
"""What schedulers send before they take the machine away (SLURM: `--signal=B:USR1@120`)."""

_SAVE, _ROLL_BACK = 1, 2


class StopOnRequest(TrainerCallback):
    """
    Ends training after the step in which a signal came to any process, with a checkpoint; or, without one, after the
    step in which `OUTPUT/rollback.json` appeared (see `pixel.checkpoints.going_back`).

    Args:
        listen: whether signals are caught; each keeps its old meaning outside `listening`.

    Attributes:
        reason: why training ended before its time (`SIGTERM`, `SIGUSR1`, `rollback`), or `None`.
    """

    def __init__(self, listen: bool = True):
        self.listen = listen
        self.reason: str | None = None
        self._heard, self._process = 0, os.getpid()
        self._agreement: StepAgreement | None = None

    @property
    def told(self) -> bool:
        """Whether this process was told to stop, or all have agreed to."""
        return self.reason is not None or bool(self._heard)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Catch the signals while training goes on. Only the main thread can."""
        self.reason, self._heard, self._process = None, 0, os.getpid()
        before = {}
        if self.listen and threading.current_thread() is threading.main_thread():
            before = {number: signal.signal(number, self._hear) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler or signal.SIG_DFL)

    def _hear(self, number: int, frame) -> None:
        if os.getpid() == self._process:
            self._heard = number
        elif self._heard:  # a data worker, told a second time: its trainer is done with it
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        else:  # a data worker in a group that was told: its trainer still needs it for this step
            self._heard = number

    def on_train_begin(self, args, state, control, **kwargs):
        self._agreement = StepAgreement()

    def on_step_end(self, args, state, control, **kwargs):
        kind = self._agree(args.output_dir)
        if kind:
            control.should_save = kind == _SAVE
            control.should_training_stop = control.should_training_stop or kind == _ROLL_BACK

    def look_again(self, output_dir: str, saved: bool) -> None:
        """
        After training, on every process: what came in the last step, or after it, was not seen yet. A signal is heeded
        only where the last step was `saved`; where it was not, the trained model is about to be written and is waited
        for.
        """
        if self.reason is None and not saved:
            self._heard = 0
        self._agree(output_dir)

    def _agree(self, output_dir: str) -> int:
        """What is asked for, of any process, on every process; `reason` says it in words."""
        mine = _SAVE * 256 + self._heard if self._heard else 0
        if is_first() and rollback_asked(output_dir):
            mine = _ROLL_BACK * 256
        kind, number = divmod(self._agreement.greatest(mine), 256)
        if kind:
            self.reason = "rollback" if kind == _ROLL_BACK else signal.Signals(number).name
        return kind

    def on_save(self, args, state, control, **kwargs):
        """Only now: a checkpoint that says that training is to stop would stop the run that goes on from it."""
        control.should_training_stop = control.should_training_stop or self.reason is not None
