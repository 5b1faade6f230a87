"""Tells the supervisor where this rank is: a small file at every step, at most one a second."""

from transformers import TrainerCallback

from pixel.orchestration.heartbeat import Heartbeat


class HeartbeatCallback(TrainerCallback):
    """
    Writes heartbeats (see `pixel.orchestration.heartbeat`) from every rank's own thread: it falls silent when the
    training hangs, be it in a data worker, a collective or a file.

    Add it last: it says `save` and `evaluate` as soon as another callback has asked for one.

    Args:
        heart: of this rank.
    """

    def __init__(self, heart: Heartbeat):
        self.heart = heart

    def on_train_begin(self, args, state, control, **kwargs):
        self._beat("start", state)

    def on_step_end(self, args, state, control, **kwargs):
        self._next(state, control)

    def on_substep_end(self, args, state, control, **kwargs):
        self._beat("train" if self.heart.step else "start", state)

    def on_prediction_step(self, args, state, control, **kwargs):
        self._beat("evaluate", state)

    def on_evaluate(self, args, state, control, **kwargs):
        self._beat("save" if control.should_save else "train", state)

    def on_save(self, args, state, control, **kwargs):
        self._beat("train", state)

    def on_train_end(self, args, state, control, **kwargs):
        self._beat("end", state)

    def _next(self, state, control) -> None:
        """After a step: what the trainer is about to do, evaluation before saving."""
        phase = "evaluate" if control.should_evaluate else "save" if control.should_save else "train"
        self._beat(phase, state)

    def _beat(self, phase: str, state) -> None:
        self.heart.beat(phase, state.global_step, state.max_steps)
