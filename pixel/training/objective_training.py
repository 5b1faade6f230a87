"""What every Pixel trainer shares: the objectives' weights, their balance, their log, and their checkpoints."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from transformers import Trainer, TrainerCallback
from transformers.trainer_callback import ExportableState

from pixel.balancing import SCHEDULES, Balancer, Fork, LossWeights
from pixel.balancing.gram import summed_gram
from pixel.models.labels import FIELDS, OBJECTIVES
from pixel.monitoring.alerts import Alerts
from pixel.objectives import label_counts
from pixel.training.arguments import SettingError
from pixel.training.callbacks.curriculum_pacing import CurriculumPacing
from pixel.training.callbacks.restoring import restore_callbacks
from pixel.training.callbacks.run_tracking import RunTracking
from pixel.training.callbacks.token_evaluation import TokenEvaluation
from pixel.training.checkpoint_saving import STATE_FILE, CheckpointSaving
from pixel.training.component_log import ComponentLog
from pixel.training.curriculum import Curriculum
from pixel.training.head_groups import split_head_groups
from pixel.training.step_guard import GuardedSteps
from pixel.training.validation import HeldOut


class _EndOfStep(TrainerCallback):
    def __init__(self, trainer: "ObjectiveTraining"):
        self.trainer = trainer

    def on_step_end(self, args, state, control, **kwargs):
        self.trainer.end_of_step()


class ObjectiveTraining(CheckpointSaving, GuardedSteps):
    """
    A mixin before `transformers.Trainer` that does what `args` (`PixelTrainingArguments`) says of the objectives.

    Losses are multiplied by `loss_weights.current` before the fork, where `balancer` combines their gradients. Both
    learn from every optimizer step, are logged, and go into each checkpoint (`objectives.json`).

    A trainer calls `set_up_objectives` after its `__init__`, sums its losses with `weigh`, and tells `record` what
    they were.
    """

    def set_up_objectives(self) -> None:
        """Build balancer, weights and logs from `self.args`; the weights are built again when training starts."""
        args = self.args
        self.balancer = Balancer(
            OBJECTIVES,
            weighting=args.weighting,
            source="lora" if args.gram_source == "lora" else "representation",
            timing=args.gram_timing,
            ema=args.gram_ema,
            monitor=args.monitor_conflicts or SCHEDULES[args.loss_schedule].wants_gram,
            norm_cap=args.gradient_norm_cap,
            smoothing=args.weighting_smoothing,
        )
        self.alerts = Alerts()
        self.curriculum: Curriculum | None = None
        self.loss_weights = self._new_loss_weights(max(args.max_steps, 1))
        self._components = {"train": ComponentLog(), "eval": ComponentLog()}
        self._this_step = ComponentLog()
        self._step_counts: dict[str, Tensor] | None = None
        self._gram: Tensor | None = None  # the last that the loss weights were shown
        self.log_sources: list[Callable[[], dict[str, float]]] = []  # what else goes into each training log
        self.add_callback(_EndOfStep(self))
        self.held_out = HeldOut(self)
        if args.eval_tokens:
            if not hasattr(self, "_total_train_tokens"):
                raise SettingError("eval_tokens: a frozen trunk reads no text in training. Mend: set eval_steps")
            self.add_callback(TokenEvaluation(args.eval_tokens, self.tokens_seen))
        self.tracking = RunTracking(self)
        self.add_callback(self.tracking)
        self.set_up_checkpoints()

    def new_fork(self) -> Fork:
        """The fork of this run, which the balancer weighs."""
        return Fork(self.balancer, summed_gram if self.args.gram_source == "summed" else None)

    def _new_loss_weights(self, total_steps: int) -> LossWeights:
        args = self.args
        return LossWeights(
            OBJECTIVES,
            total_steps,
            schedule=args.loss_schedule,
            options=args.loss_schedule_options,
            base=args.objective_weights,
            momentum=args.loss_weight_momentum,
            bounds=args.loss_weight_bounds,
            priorities=args.objective_priorities,
            phases=args.loss_phases,
            crisis=args.objective_crisis or None,
        )

    def create_scheduler(self, num_training_steps: int, optimizer=None):
        """Also starts the weights of the objectives, whose schedules are as long as the run."""
        self.loss_weights = self._new_loss_weights(num_training_steps)
        return super().create_scheduler(num_training_steps, optimizer)

    # ── the order of rows ──

    def follow_curriculum(self, curriculum: Curriculum | None) -> None:
        """Draw rows by a curriculum, and let validation move it."""
        self.curriculum = curriculum
        if curriculum is not None:
            self.add_watcher(CurriculumPacing(curriculum, self.alerts))

    def tokens_seen(self) -> int:
        """Tokens trained on so far, over all ranks; 0 where no text is read in training."""
        return int(getattr(self, "_total_train_tokens", 0))

    def add_watcher(self, callback: TrainerCallback) -> None:
        """Add a callback that may want to log."""
        callback.trainer = self
        self.add_callback(callback)

    # ── a step ──

    def get_batch_samples(self, epoch_iterator, num_batches, device):
        """Also counts the labelled turns of the whole optimizer step, over all ranks."""
        batches, num_items = super().get_batch_samples(epoch_iterator, num_batches, device)
        if batches:
            counts = [label_counts(batch) for batch in batches]
            total = {name: sum(count[name] for count in counts).to(device) for name in counts[0]}
            table = self.accelerator.reduce(torch.stack(list(total.values())), "sum")
            self._step_counts = dict(zip(total, table, strict=True))
        return batches, num_items

    def weigh(self, losses: dict[str, Tensor]) -> Tensor:
        """Sum of the losses of some objectives, each times its weight now."""
        weights = dict(zip(OBJECTIVES, self.loss_weights.current.tolist(), strict=True))
        return sum(weights[name] * loss for name, loss in losses.items())

    def record(self, mode: str, name: str, total: Tensor, count: Tensor) -> None:
        """
        Take note of one component's loss in a micro-batch of this rank.

        Args:
            mode: `train` or `eval`.
            name: a label field, a consistency term, or `language`.
            total: loss summed over what it was measured on.
            count: how much that was.
        """
        self._components[mode].add(name, total, count)
        if mode == "train" and self.loss_weights.wants_losses:
            self._this_step.add(name, total, count)

    def end_of_step(self) -> None:
        """After each optimizer step, on every rank."""
        self.balancer.step()
        losses = torch.full((len(OBJECTIVES),), math.nan, dtype=torch.float64)
        if self.loss_weights.wants_losses:
            means = self._this_step.means(lambda table: self.accelerator.reduce(table, "sum"))
            losses = torch.tensor(list(self.objective_means(means).values()), dtype=torch.float64)
        before, self._gram = self._gram, self.balancer.log.gram
        fresh = self.loss_weights.wants_gram and self._gram is not before
        self.loss_weights.step(losses, self._gram if fresh else None)

    def objective_means(self, components: dict[str, float]) -> dict[str, float]:
        """The loss of each objective from those of its components; NaN where none was measured."""
        weights, sums = self.args.field_weights, dict.fromkeys(OBJECTIVES, math.nan)
        for name, value in components.items():
            objective = "language" if name == "language" else FIELDS[name].objective if name in FIELDS else None
            if objective is not None:
                before = 0.0 if math.isnan(sums[objective]) else sums[objective]
                sums[objective] = before + weights.get(name, 1.0) * value
        return sums

    def validate(self, losses: dict[str, float]) -> list:
        """Hand held-out losses by objective to the loss weights; what they did about it, as events."""
        return self.loss_weights.validate(losses)

    # ── the log ──

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Adds the mean loss of every component, and in training what the weights and the balancer saw."""
        evaluating = any(key.startswith("eval_") for key in logs)
        training = "loss" in logs  # a training step, and neither an evaluation nor the summary at the end
        if evaluating or training or "train_runtime" in logs:
            prefix, mode = ("eval_", "eval") if evaluating else ("", "train")
            means = self._components[mode].means(lambda table: self.accelerator.reduce(table, "sum"))
            logs |= {f"{prefix}loss_{name}": value for name, value in means.items()}
        if evaluating:
            self.held_out.add(logs, self.state.global_step)
        if training:
            logs |= {f"balance_{name}": value for name, value in self.balancer.last.items()}
            logs |= self.loss_weights.last
            if self.curriculum is not None:
                logs |= self.curriculum.last
            for source in self.log_sources:
                logs |= source()
        super().log(logs, start_time)

    def log_aside(self, logs: dict[str, float]) -> None:
        """For callbacks: log something, and leave the running means of the losses as they are."""
        Trainer.log(self, logs)

    # ── the optimizer ──

    def create_optimizer(self, model=None):
        """As `Trainer`, with the heads in parameter groups of their own if `head_learning_rate` is given."""
        fresh = self.optimizer is None
        optimizer = super().create_optimizer(model)
        if fresh and self.args.head_learning_rate is not None:
            split_head_groups(optimizer, model or self.model, self.args.head_learning_rate)
        return optimizer

    # ── checkpoints ──

    def state_to_keep(self) -> dict:
        """What goes into `objectives.json` of a checkpoint."""
        balancer = {k: v.tolist() if isinstance(v, Tensor) else v for k, v in self.balancer.state_dict().items()}
        weights, held_out = self.loss_weights.state_dict(), self.held_out.state_dict()
        return {"balancer": balancer, "loss_weights": weights, "held_out": held_out}

    def take_back(self, state: dict) -> None:
        """Go on from `state_to_keep`."""
        balancer = {
            k: torch.tensor(v, dtype=torch.float64) if isinstance(v, list) else v for k, v in state["balancer"].items()
        }
        self.balancer.load_state_dict(balancer)
        self._gram = self.balancer.log.gram
        self.loss_weights.load_state_dict(state["loss_weights"])
        self.held_out.load_state_dict(state.get("held_out", {}))

    def _load_callback_state(self):
        """Pixel's callbacks go on in place: transformers would build new ones, without alerts, probes or a trainer."""
        kept = self.state.stateful_callbacks
        ours = {type(x).__name__ for x in self.callback_handler.callbacks if type(x).__module__.startswith("pixel.")}
        self.state.stateful_callbacks = {name: data for name, data in kept.items() if name not in ours}
        super()._load_callback_state()
        self.state.stateful_callbacks = kept
        for callback in self.callback_handler.callbacks:  # new in this run: transformers would not find it when saving
            if isinstance(callback, ExportableState):
                kept.setdefault(type(callback).__name__, callback.state())
        restore_callbacks(self.callback_handler.callbacks, {name: kept[name] for name in ours if name in kept})

    def _load_optimizer_and_scheduler(self, checkpoint):
        super()._load_optimizer_and_scheduler(checkpoint)
        file = Path(checkpoint or ".") / STATE_FILE
        if checkpoint is not None and file.exists():
            state = json.loads(file.read_text())
            self.take_back(state)
            self.running_log.take_back(state.get("running"))
