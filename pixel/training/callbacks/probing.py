"""What all callbacks that watch held-out conversations share."""

from transformers import TrainerCallback

from pixel.monitoring.alerts import Alert, Alerts
from pixel.training.probe_set import ProbeSet, ReadConversation


class ProbingCallback(TrainerCallback):
    """
    Every `every` optimizer steps, and at the end, looks at the probe set with `judge`.

    What `judge` returns is kept in `history` (with `step`), and goes into the log with the class's `prefix`.

    Args:
        probe: the held-out conversations, shared by all callbacks of a run.
        alerts: where to send what a person should know.
        every: optimizer steps between looks.
    """

    prefix = "probe"

    def __init__(self, probe: ProbeSet, alerts: Alerts, every: int = 50):
        if every < 1:
            raise ValueError(f"every is {every}; it must be at least 1")
        self.probe, self.alerts, self.every = probe, alerts, every
        self.history: list[dict[str, float]] = []
        self.trainer = None  # set by the trainer that takes the callback in; used to log

    def judge(self, step: int, conversations: list[ReadConversation]) -> dict[str, float]:
        """Numbers for the log; sends alerts."""
        raise NotImplementedError

    def alert(self, kind: str, severity: str, step: int, message: str, **values: float) -> None:
        """Send one alert."""
        self.alerts.send(Alert(kind, severity, step, message, values))

    def look(self, step: int) -> None:
        """Judge now, unless this step was judged already."""
        if self.history and self.history[-1]["step"] == step:
            return
        numbers = self.judge(step, self.probe.at(step))
        self.history.append({"step": step} | numbers)
        if self.trainer is not None:
            self.trainer.log_aside({f"{self.prefix}_{name}": value for name, value in numbers.items()})

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step % self.every == 0:
            self.look(state.global_step)

    def on_train_end(self, args, state, control, **kwargs):
        self.look(state.global_step)
