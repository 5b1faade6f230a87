"""When and how the trainer probes for conflicts in LoRA space."""

from torch import Tensor, nn
from transformers import TrainerCallback

from pixel.balancing import ForkSweep, lora_b_modules, replicated_gram, sweep_gram
from pixel.balancing.probe_replicated import repeat_batch
from pixel.data.examples import IGNORE
from pixel.models.labels import FIELDS, OBJECTIVES
from pixel.objectives import objective_losses

METHODS = ("fork", "sweep", "replicated")
"""Inside the step's own backward pass; a forward pass of its own and one backward pass an objective; one of each."""


class _BeforeUpdate(TrainerCallback):
    def __init__(self, probe: "GramProbe"):
        self.probe = probe

    def on_pre_optimizer_step(self, args, state, control, **kwargs):
        self.probe.after_backward()


class GramProbe:
    """
    Every `probe_every` optimizer steps, measures the Gram matrix of the objectives' gradients over the LoRA B matrices
    of the `probe_layers` layers below the readout layer (0: all of them) and hands it to the balancer, whose weights
    follow it from the next backward pass on.

    Method `auto` is `fork` where one process holds the model whole: the first micro-batch of the step is measured
    while it is learned from (see `pixel.balancing.ForkSweep`). Under ZeRO-3, FSDP and re-entrant checkpointing, which
    allow a single backward pass, it is the replicated batch of `probe_rows` samples.

    Args:
        trainer: a `PixelTrainer` whose model carries LoRA adapters.

    Raises:
        ValueError: the model has no LoRA adapter on the attention projections of these layers.
    """

    def __init__(self, trainer):
        self.trainer = trainer
        readout, depth = trainer.pixel.config.readout_layer, trainer.args.probe_layers
        lowest = max(readout - depth, 0) if depth else 0
        self.modules = lora_b_modules(trainer.model, layers=range(lowest, readout))
        asked = trainer.args.probe_method
        self.method = ("replicated" if self._one_backward else "fork") if asked == "auto" else asked
        self.sweep = ForkSweep(self.modules)
        self.last_step, self.due = -1, False
        trainer.add_callback(_BeforeUpdate(self))

    @property
    def _one_backward(self) -> bool:
        """Whether the engine or the checkpointing allows no second backward pass."""
        trainer = self.trainer
        how = trainer.args.activation_checkpointing_kwargs or {}
        reentrant = bool(trainer.args.activation_checkpointing) and bool(how.get("use_reentrant"))
        return trainer.is_deepspeed_enabled or trainer.is_fsdp_enabled or reentrant

    def before_step(self, model: nn.Module, inputs: dict[str, Tensor]) -> None:
        """Probe if it is time to; called before every micro-batch."""
        trainer = self.trainer
        trainer.pixel.fork.probe = None  # the micro-batches after a probed one
        step = trainer.state.global_step
        if step == self.last_step or step % trainer.args.probe_every:
            return
        self.last_step = step
        if self.method == "fork":
            trainer.pixel.fork.probe, self.due = self.sweep, True
            return
        rows = {
            key: value[: trainer.args.probe_rows].to(trainer.args.device)
            for key, value in inputs.items()
            if isinstance(value, Tensor)
        }
        if self.method == "replicated":
            gram = self._replicated(model, rows)
        else:
            whole = trainer.accelerator.unwrap_model(model)
            gram = sweep_gram(self.losses(whole, rows), self.modules, trainer.balancer)
        trainer.balancer.observe(gram)

    def after_backward(self) -> None:
        """
        Hand over what was measured inside the step, on every rank; called before the optimizer's update.

        A rank whose backward pass measured nothing counts as zero.
        """
        if not self.due:
            return
        self.due, self.trainer.pixel.fork.probe = False, None
        gram = self.sweep.take()
        if gram is None:
            gram = self.modules[next(iter(self.modules))].weight.new_zeros(len(OBJECTIVES), len(OBJECTIVES))
        self.trainer.balancer.observe(gram)

    def _replicated(self, model: nn.Module, rows: dict[str, Tensor]) -> Tensor:
        k = len(OBJECTIVES)
        engine = model if self.trainer.is_deepspeed_enabled else None
        backward = engine.backward if engine is not None else self.trainer.accelerator.backward
        try:
            return replicated_gram(
                model,
                self.modules,
                lambda: list(self.losses(model, repeat_batch(rows, k), copies=k).values()),
                k,
                self.trainer.balancer,
                backward,
            )
        finally:
            if engine is not None:  # what the probe left in the engine's own gradient buffers
                engine.optimizer.zero_grad()

    def losses(self, model: nn.Module, batch: dict[str, Tensor], copies: int = 1) -> dict[str, Tensor]:
        """
        Each objective's loss, weighted as in training, on a batch; with `copies`, objective j's on copy j alone.
        """
        weights = self.trainer.args.objective_weights
        inputs = {key: value for key, value in batch.items() if key not in FIELDS and key != "turn_roles"}
        rows = len(inputs["input_ids"]) // copies
        if copies > 1:
            inputs["labels"] = inputs["labels"].clone()
            inputs["labels"][rows:] = IGNORE
        learned = (inputs["labels"][:, 1:] != IGNORE).sum()
        output = model(**inputs, use_cache=False)
        zero = output.logits.sum() * 0.0
        losses = {"language": weights.get("language", 1.0) * (output.loss if learned > 0 else zero)}
        for copy, objective in enumerate(OBJECTIVES[1:], start=1):
            part = slice(copy * rows, (copy + 1) * rows) if copies > 1 else slice(None)
            readouts = {
                name: logits[part] for name, logits in output.readouts.items() if FIELDS[name].objective == objective
            }
            if not readouts:
                losses[objective] = zero
                continue
            labels = {key: value[part] for key, value in batch.items() if key in FIELDS or key.startswith("turn_")}
            objectives, _ = objective_losses(readouts, labels, field_weights=self.trainer.args.field_weights)
            losses[objective] = weights.get(objective, 1.0) * objectives[objective]
        return losses
