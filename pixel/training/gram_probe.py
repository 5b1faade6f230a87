"""When and how the trainer probes for conflicts in LoRA space."""

from torch import Tensor, nn

from pixel.balancing import lora_b_modules, replicated_gram, sweep_gram
from pixel.balancing.probe_replicated import repeat_batch
from pixel.data.examples import IGNORE
from pixel.models.labels import FIELDS, OBJECTIVES
from pixel.objectives import objective_losses


class GramProbe:
    """
    Every `probe_every` optimizer steps, measures the Gram matrix of the objectives' gradients over the LoRA B matrices
    and hands it to the balancer.

    Where one process holds the model whole, a sweep of `autograd.grad`; under ZeRO-3 and FSDP, which allow a single
    backward pass, the replicated batch.

    Args:
        trainer: a `PixelTrainer` whose model carries LoRA adapters.

    Raises:
        ValueError: the model has no LoRA adapter on its attention projections.
    """

    def __init__(self, trainer):
        self.trainer = trainer
        self.modules = lora_b_modules(trainer.model)
        self.last_step = -1

    def before_step(self, model: nn.Module, inputs: dict[str, Tensor]) -> None:
        """Probe if it is time to; called before every micro-batch."""
        trainer = self.trainer
        step = trainer.state.global_step
        if step == self.last_step or step % trainer.args.probe_every:
            return
        self.last_step = step
        rows = {
            key: value[: trainer.args.probe_rows].to(trainer.args.device)
            for key, value in inputs.items()
            if isinstance(value, Tensor)
        }
        if trainer.is_deepspeed_enabled or trainer.is_fsdp_enabled:
            gram = self._replicated(model, rows)
        else:
            whole = trainer.accelerator.unwrap_model(model)
            gram = sweep_gram(self.losses(whole, rows), self.modules, trainer.balancer)
        trainer.balancer.observe(gram)

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
