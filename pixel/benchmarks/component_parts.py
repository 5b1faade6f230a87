"""The parts of a training step, each ready to run alone: what goes in, and what it does forward and backward."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pixel.models.heads import OBJECTIVE_OF_HEAD
from pixel.models.modeling_pixel import HEAD_OBJECTIVES
from pixel.objectives import label_counts, objective_losses

Outputs = Callable[[], list[Tensor]]


@dataclass(frozen=True)
class Part:
    """
    Attributes:
        name: of the part.
        run: the forward pass; gives tensors to send gradients into (none: there is no backward pass).
        units: how much it works through.
        unit: `tokens`, `turns`, `rows` or `steps`.
        in_step: whether a training step contains it (once), so that it counts in the sum.
        minus: a part that this one contains, to be subtracted.
    """

    name: str
    run: Outputs
    units: float
    unit: str
    in_step: bool = True
    minus: str | None = None


def network_parts(stepper: Any, batch: dict[str, Tensor]) -> Iterator[Part]:
    """
    Trunk, LM head, pooling, fork and heads of a trainer's network on one batch.

    Args:
        stepper: of `pixel.benchmarks.stepping`, with adapters or without.
        batch: collated, on the device.
    """
    trainer = stepper.trainer
    pixel = trainer.pixel
    labels, config = batch["labels"], pixel.config
    turn_labels = {k: v for k, v in batch.items() if k in config.fields} | {
        "turn_mask": batch["turn_mask"], "turn_roles": batch["turn_roles"],
    }  # fmt: skip
    given = {key: batch[key] for key in ("attention_mask", "position_ids") if key in batch}
    tokens, turns = batch["input_ids"].numel(), int((batch["turn_mask"] > 0).sum())

    def read() -> list[Tensor]:
        return [pixel.hidden_at_readout(batch["input_ids"], **given)]

    def backbone() -> list[Tensor]:
        return [pixel.model(input_ids=batch["input_ids"], use_cache=False, **given).last_hidden_state]

    with torch.no_grad():
        last, middle = backbone()[0].clone(), read()[0].clone()
        weights = pixel.pooling(middle, batch["turn_spans"]).detach()
        states = pixel.pooling.gather(torch.matmul(weights.to(middle.dtype), middle))
        if config.readout_taps:
            size = config.turn_state_size - states.size(-1)
            states = torch.cat([states, states.new_zeros(*states.shape[:-1], size)], -1)

    def lm_head() -> list[Tensor]:
        logits = pixel.lm_head(last.requires_grad_())
        return [pixel.loss_function(logits, labels, config.text_config.vocab_size)]

    def fork() -> list[Tensor]:
        language, turn_states = pixel.fork(middle.requires_grad_(), weights)
        return [language, *turn_states.values()]

    yield Part("trunk up to the readout layer", read, tokens, "tokens")
    yield Part("trunk above it", backbone, tokens, "tokens", minus="trunk up to the readout layer")
    yield Part("LM head and its loss", lm_head, tokens, "tokens")
    yield Part("pooling", lambda: [pixel.pooling(middle, batch["turn_spans"])], turns, "turns")
    yield Part("fork: turn states, and the weighting in backward", fork, turns, "turns")
    for name in OBJECTIVE_OF_HEAD:
        if name in pixel.heads:
            yield Part(f"head {name}", _head(pixel.heads[name], states, batch["turn_mask"]), turns, "turns")

    with torch.no_grad():
        logits = pixel.heads.read_out(dict.fromkeys(HEAD_OBJECTIVES, states), batch["turn_mask"])

    def losses() -> list[Tensor]:
        fresh = {name: value.detach().requires_grad_() for name, value in logits.items()}
        counts = label_counts(turn_labels)
        objectives, _ = objective_losses(fresh, turn_labels, counts, trainer.args.field_weights)
        return [loss for loss in objectives.values() if loss.requires_grad]

    yield Part("losses of the heads", losses, turns, "turns")


def _head(head: Any, states: Tensor, mask: Tensor) -> Outputs:
    def run() -> list[Tensor]:
        return list(head(states.detach().requires_grad_(), mask).values())

    return run
