"""Watches the log for anomalies: every detector sees every entry, and what it finds becomes an alert."""

from collections.abc import Iterable, Mapping

from transformers import TrainerCallback
from transformers.trainer_callback import ExportableState

from pixel.models.labels import FIELDS, OBJECTIVES
from pixel.monitoring.alerts import Alerts
from pixel.monitoring.anomalies import build_detectors


def components_by_objective() -> dict[str, list[str]]:
    """Objective -> the `loss_NAME` it is made of."""
    by_objective = {name: [field for field in FIELDS if FIELDS[field].objective == name] for name in OBJECTIVES}
    return by_objective | {"language": ["language"]}


class AnomalyWatch(TrainerCallback, ExportableState):
    """
    Feeds the detectors of `pixel.monitoring.anomalies` from the training log.

    Detectors see the same numbers on every rank (all are reduced before they are logged), so every rank stops alike;
    the main process alone sends alerts. Besides what is logged they are shown the rate each parameter group was
    really stepped with (`applied_learning_rate/GROUP`, the largest since the last log).

    Set `logging_nan_inf_filter=False`, or transformers logs the mean of earlier losses in the place of a NaN.

    Args:
        alerts: where to send what is found; kept in `alerts.sent` alone by default.
        stop_on_error: end training on an alert of severity `error` (NaN, dead objective, learning rate out of hand).
        detectors: detector -> its options or `False`, see `build_detectors`.
        stop_on: kinds of alert that end training as well, whatever their severity.

    Raises:
        ValueError: no such detector or option.
    """

    def __init__(
        self,
        alerts: Alerts | None = None,
        stop_on_error: bool = False,
        detectors: Mapping[str, Mapping[str, float] | bool] | None = None,
        stop_on: Iterable[str] = (),
    ):
        self.alerts = alerts if alerts is not None else Alerts()
        self.stop_on_error, self.options, self.stop_on = stop_on_error, dict(detectors or {}), tuple(stop_on)
        self.detectors = build_detectors(components_by_objective(), self.options)
        self._applied: dict[str, float] = {}

    # ── what survives a checkpoint ──

    @property
    def memory(self) -> dict[str, dict]:
        """What the detectors remember, by name."""
        return {name: detector.state_dict() for name, detector in self.detectors.items()}

    @memory.setter
    def memory(self, state: Mapping[str, dict]) -> None:
        for name, detector in self.detectors.items():
            detector.load_state_dict(state.get(name, {}))

    def state(self) -> dict:
        options = {"stop_on_error": self.stop_on_error, "detectors": self.options, "stop_on": list(self.stop_on)}
        return {"args": options, "attributes": {"memory": self.memory}}

    # ── what it hears ──

    def on_train_begin(self, args, state, control, lr_scheduler=None, **kwargs):
        rates = self.detectors.get("learning_rate_jump")
        bases = getattr(getattr(lr_scheduler, "scheduler", lr_scheduler), "base_lrs", None)
        if rates is not None and bases:
            rates.peaks = {f"applied_learning_rate/{number}": rate for number, rate in enumerate(bases)}
            rates.peaks["learning_rate"] = bases[0]

    def on_pre_optimizer_step(self, args, state, control, optimizer=None, **kwargs):
        for number, group in enumerate(getattr(optimizer, "param_groups", ())):
            key = f"applied_learning_rate/{number}"
            self._applied[key] = max(self._applied.get(key, 0.0), float(group["lr"]))

    def on_log(self, args, state, control, logs=None, **kwargs):
        if not logs or "loss" not in logs:  # an evaluation, a probe, or the summary at the end
            return
        entry, self._applied = {**self._applied, **logs}, {}
        for detector in self.detectors.values():
            for alert in detector.update(state.global_step, entry):
                if state.is_world_process_zero:
                    self.alerts.send(alert)
                if (self.stop_on_error and alert.severity == "error") or alert.kind in self.stop_on:
                    control.should_training_stop = True
