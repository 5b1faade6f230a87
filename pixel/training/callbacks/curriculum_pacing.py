"""Moves the curriculum with validation, and tells how far it has come."""

import math
from typing import Any

from transformers import TrainerCallback
from transformers.trainer_callback import ExportableState

from pixel.models.labels import FIELDS, OBJECTIVES
from pixel.monitoring.alerts import Alert, Alerts
from pixel.training.curriculum import Curriculum
from pixel.training.curriculum_stage import Event


class CurriculumPacing(TrainerCallback, ExportableState):
    """
    Hands every validation to the curriculum, logs where it stands, and sends an alert on every move.

    The curriculum judges the held-out loss of each objective (the mean over its fields). Its milestones may name any
    metric of the evaluation, with or without the leading `eval_`: `loss_emotion`, or what `compute_metrics` gives.
    With several evaluation sets, those that are called like a group of rows (`depressive`, `resonance`) give that
    domain's held-out loss; the set that is called `main` moves the curriculum, or, if none is named, any other.

    Logged at each validation: `curriculum/stage`, `curriculum/competence`, `curriculum/admitted` (share of rows),
    `curriculum/seen/DOMAIN` (share of its rows that came at least once), `curriculum/loss/DOMAIN`, and
    `curriculum/milestone/METRIC` (0 or 1). Alerts: `curriculum_advance` (info), `curriculum_fall_back` (warning).

    Everything follows from the numbers of an evaluation, which transformers gathers over ranks, and from draws, which
    are the same on each: so is the curriculum.

    Args:
        curriculum: the one that the sampler draws by.
        alerts: where to send moves.
        main: name of the evaluation set that counts, if there are several.
        save_on_move: whether a move that validation makes asks for a checkpoint, whatever `save_strategy` says.

    Attributes:
        trainer: set by the trainer that takes the callback in; used to log.
        memory: all that has to survive in a checkpoint, JSON-able; setting it goes on from there.
    """

    def __init__(self, curriculum: Curriculum, alerts: Alerts, main: str | None = None, save_on_move: bool = False):
        self.curriculum, self.alerts, self.main, self.save_on_move = curriculum, alerts, main, save_on_move
        self.history: list[dict[str, Any]] = []
        self.trainer = None

    # ── transformers calls ──

    def on_train_begin(self, args, state, control, **kwargs):
        rows = args.train_batch_size * args.gradient_accumulation_steps * args.world_size
        self.curriculum.begin(state.max_steps * rows)

    def on_step_end(self, args, state, control, **kwargs):
        self._tell(self.curriculum.notice(), state)

    def on_evaluate(self, args, state, control, metrics, **kwargs):
        which = self._set_of(metrics)
        of_domain = which != self.main and which in self.curriculum.groups
        if of_domain:
            self.curriculum.group_losses[which] = float(metrics[f"eval_{which}_loss"])
        if which is None or of_domain or (self.main is not None and which != self.main):
            return
        given = {name: x for name, x in metrics.items() if isinstance(x, (int, float))}
        plain = {name.removeprefix("eval_").removeprefix(f"{self.main}_"): x for name, x in given.items()}
        events = self.curriculum.validate(mean_losses(plain), plain | given)
        control.should_save |= self.save_on_move and bool(events)
        self._tell(events, state)
        numbers = self.numbers()
        self.history.append({"step": state.global_step} | numbers)
        if self.trainer is not None:
            self.trainer.log_aside(dict(numbers))

    def _set_of(self, metrics) -> str | None:
        """Name of the evaluation set that these are the metrics of; empty if there is only one, `None` if of none."""
        if "eval_loss" in metrics:
            return self.main or ""
        names = [n[len("eval_") : -len("_loss")] for n in metrics if n.startswith("eval_") and n.endswith("_loss")]
        known = [name for name in names if name == self.main or name in self.curriculum.groups]
        return next(iter(known + names), None)

    # ── telling ──

    def numbers(self) -> dict[str, float]:
        """For the log."""
        out = dict(self.curriculum.last)
        for name, domain in self.curriculum.progression().items():
            out[f"curriculum/seen/{name}"] = domain["seen"]
            if "loss" in domain:
                out[f"curriculum/loss/{name}"] = domain["loss"]
        return out | {f"curriculum/milestone/{name}": float(held) for name, held in self.curriculum.milestones.items()}

    def _tell(self, events: list[Event], state) -> None:
        for event in events:
            falls = event.kind == "fall_back"
            message = f"curriculum {'falls back' if falls else 'advances'} to {event.name!r}: {event.reason}"
            if state.is_world_process_zero:
                severity = "warning" if falls else "info"
                self.alerts.send(Alert(f"curriculum_{event.kind}", severity, state.global_step, message, event.values))

    # ── checkpoints ──

    @property
    def memory(self) -> dict[str, Any]:
        return {"curriculum": self.curriculum.state_dict(), "history": list(self.history)}

    @memory.setter
    def memory(self, kept: dict[str, Any]) -> None:
        self.curriculum.load_state_dict(kept["curriculum"])
        self.history = list(kept["history"])

    def state(self) -> dict[str, Any]:
        return {"args": {}, "attributes": {"memory": self.memory}}


def mean_losses(metrics: dict[str, float]) -> dict[str, float]:
    """
    The held-out loss of each objective: the mean over its fields of `loss_FIELD`, and `loss_language`.

    Where no component was measured, the loss as a whole.
    """
    parts: dict[str, list[float]] = {}
    for name, objective in {"language": "language", **{n: f.objective for n, f in FIELDS.items()}}.items():
        value = metrics.get(f"loss_{name}", math.nan)
        if math.isfinite(value):
            parts.setdefault(objective, []).append(value)
    means = {name: sum(parts[name]) / len(parts[name]) for name in OBJECTIVES if name in parts}
    return means or {name: metrics[name] for name in ("loss",) if name in metrics}
