"""What a trainer's batches hold, and the FLOPs that come of it."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from pixel.monitoring.flops import hardware_flops, token_flops, training_flops
from pixel.monitoring.throughput import Counts


def count_batch(batch: Mapping[str, Tensor], pad_token_id: int | None, may_read_only: bool = False) -> Counts:
    """
    One micro-batch of `PixelCollator` or of a `TurnTable`.

    Args:
        batch: `input_ids [rows, tokens]` with `attention_mask` or, packed, `position_ids` that restart with each
            document; or turn states. Real tokens are those of the mask, or that are not padding.
        pad_token_id: of the tokenizer.
        may_read_only: whether a batch without learned tokens stops at the readout layer.

    Returns:
        counts without steps, tensors on the batch's device: nothing waits for a GPU.
    """
    turns = (batch["turn_mask"] > 0).sum() if "turn_mask" in batch else 0
    ids = batch.get("input_ids")
    if ids is None:
        return Counts(rows=len(next(iter(batch.values()))), turns=turns)
    mask = batch.get("attention_mask")
    real = mask.bool() if mask is not None and mask.shape == ids.shape else ids != pad_token_id
    if "position_ids" in batch:
        pairs = ((batch["position_ids"] + 1) * real).sum()
    else:
        pairs = (real.cumsum(-1) * real).sum()
    tokens = real.sum()
    read = 0
    if may_read_only and "labels" in batch:
        read = tokens * (batch["labels"] == -100).all()
    return Counts(rows=len(ids), tokens=tokens, slots=ids.numel(), read=read, pairs=pairs, turns=turns)


class Work:
    """
    FLOPs of a run, from its network and what was trained.

    Args:
        network: a `PixelForCausalLM`, adapters in place; sizes of sharded parameters are those of the whole.
        activation_checkpointing: of the run.
        trunk: whether the trunk runs at all (it does not on cached turn states).
    """

    def __init__(self, network: nn.Module, activation_checkpointing: bool = False, trunk: bool = True):
        self.config: Any = network.config
        self.activation_checkpointing, self.trunk = activation_checkpointing, trunk
        self.reason: str | None = None
        adapters = heads = frozen = trained = 0
        for name, parameter in network.named_parameters():
            size = getattr(parameter, "ds_numel", None) or parameter.numel()
            if "lora_" in name:
                adapters += size
            elif "heads." in name and parameter.requires_grad:
                heads += size
            elif "embed_tokens" not in name:
                frozen += 0 if parameter.requires_grad else size
                trained += size if parameter.requires_grad else 0
        self.adapters, self.heads = 2.0 * adapters, 2.0 * heads
        self.frozen = frozen > trained
        try:
            token_flops(self.config, 1.0)
        except ValueError as error:
            self.reason = str(error)

    def flops(self, counts: Counts) -> tuple[float, float] | None:
        """Model FLOPs and hardware FLOPs of what was counted; `None` where the network's are not known."""
        if self.reason is not None:
            return None
        heads = 3 * self.heads * counts.turns
        model = hardware = heads
        if self.trunk and counts.tokens:
            keys = counts.pairs / counts.tokens
            for tokens, layers in ((counts.tokens - counts.read, None), (counts.read, self.config.readout_layer)):
                if tokens > 0:
                    flops = token_flops(self.config, keys, layers=layers)
                    given = {"frozen": self.frozen, "adapters": self.adapters}
                    model += tokens * training_flops(flops, **given)
                    hardware += tokens * hardware_flops(
                        flops, **given, activation_checkpointing=self.activation_checkpointing
                    )
        return model, hardware
