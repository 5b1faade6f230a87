"""Stop when the objectives together no longer improve on held-out conversations."""

import copy
import math
from collections.abc import Mapping
from typing import Any

from transformers import TrainerCallback
from transformers.trainer_callback import ExportableState

from pixel.monitoring.alerts import Alert, Alerts
from pixel.training.callbacks.held_out import held_out_losses

REMEMBERED = ("first", "best", "best_step", "waited", "history")


class CombinedEarlyStopping(TrainerCallback, ExportableState):
    r"""
    Early stopping on the weighted mean relative change of the objectives' held-out losses.

    .. math:: S_t = \sum_o w_o \, \frac{L_o(t) - L_o(0)}{|L_o(0)|} \Big/ \sum_o |w_o|

    Relative to the first evaluation, so that no objective counts for its scale alone. A metric may stand beside the
    losses: with a negative weight, larger is better.

    Args:
        weights: objective, or key of a metric with or without `eval_`, to weight; by default 1 for every objective.
        patience: evaluations without a new best before training stops.
        min_delta: how far below the best :math:`S` must fall to be a new best; 0.01 is one percent of the first loss.
        field_weights: of the fields in their objectives, as in training.
        alerts: told when it stops.

    Raises:
        ValueError: patience below 1, negative `min_delta`, no weight but 0.
    """

    def __init__(
        self,
        weights: Mapping[str, float] | None = None,
        patience: int = 5,
        min_delta: float = 0.0,
        field_weights: Mapping[str, float] | None = None,
        alerts: Alerts | None = None,
    ):
        if patience < 1 or min_delta < 0:
            raise ValueError(f"patience must be at least 1 and min_delta at least 0, found {patience} and {min_delta}")
        if weights and not any(weights.values()):
            raise ValueError("early stopping: every weight is 0")
        self.weights = {name.removeprefix("eval_"): weight for name, weight in (weights or {}).items()}
        self.patience, self.min_delta, self.field_weights = patience, min_delta, dict(field_weights or {})
        self.alerts = alerts if alerts is not None else Alerts()
        self.first: dict[str, float] = {}
        self.best: float | None = None
        self.best_step = self.waited = 0
        self.history: list[dict[str, float]] = []

    def state(self) -> dict:
        options = ("weights", "patience", "min_delta", "field_weights")
        return {"args": {name: getattr(self, name) for name in options}, "attributes": {"memory": self.memory}}

    @property
    def memory(self) -> dict[str, Any]:
        """What a resumed run goes on from."""
        return copy.deepcopy({name: getattr(self, name) for name in REMEMBERED})

    @memory.setter
    def memory(self, kept: Mapping[str, Any]) -> None:
        for name in REMEMBERED:
            setattr(self, name, copy.deepcopy(kept[name]))

    def score(self, metrics: Mapping[str, float]) -> float | None:
        """:math:`S` of an evaluation, lower is better; `None` where it holds nothing that is watched."""
        values = held_out_losses(metrics, self.field_weights)
        values |= {
            name: metrics[f"eval_{name}"] for name in self.weights if name not in values and f"eval_{name}" in metrics
        }
        if self.weights:
            values = {name: value for name, value in values.items() if self.weights.get(name)}
        total = scale = 0.0
        for name, value in values.items():
            first = self.first.setdefault(name, value)
            weight = self.weights.get(name, 1.0)
            total += weight * (value - first) / max(abs(first), 1e-12)
            scale += abs(weight)
        return total / scale if scale else None

    def on_evaluate(self, args, state, control, metrics=None, **kwargs):
        score = self.score(metrics or {})
        if score is None or any(entry["step"] == state.global_step for entry in self.history):
            return
        self.history.append({"step": state.global_step, "score": score})
        if math.isfinite(score) and (self.best is None or score < self.best - self.min_delta):
            self.best, self.best_step, self.waited = score, state.global_step, 0
            return
        self.waited += 1
        if self.waited < self.patience:
            return
        control.should_training_stop = True
        if state.is_world_process_zero:
            best = "no finite loss" if self.best is None else f"{100 * self.best:+.1f}% at step {self.best_step}"
            message = (
                f"training stops: {self.waited} evaluations without a better mean relative held-out loss "
                f"(best {best}, now {100 * score:+.1f}%)"
            )
            self.alerts.send(Alert("early_stop", "info", state.global_step, message, {"score": score}))
