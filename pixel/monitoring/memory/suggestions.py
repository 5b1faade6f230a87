"""What would need less memory, about how much less, and what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Suggestion:
    """
    Attributes:
        setting: what to write into the YAML.
        saves: bytes, about.
        costs: in time or in anything else.
    """

    setting: str
    saves: int
    costs: str


def suggest(
    weights: Mapping[str, int],
    gradients: Mapping[str, int],
    optimizer: Mapping[str, int],
    activations: Mapping[str, int],
    *,
    layers: int,
    boundary: int,
    logits: int = 0,
    batch_size: int = 1,
    adapters: bool = False,
    checkpointing: bool = False,
    eight_bit: bool = False,
    accelerator: bool = False,
    least: int = 2**20,
) -> list[Suggestion]:
    """
    Options by what they save, the largest first; those that save less than `least` bytes are left out.

    Args:
        weights, gradients, optimizer, activations: bytes by component (`pixel.monitoring.memory.components`).
        layers: decoder layers.
        boundary: bytes of one layer's input, what activation checkpointing keeps of it.
        logits: bytes of logits and their gradient (and float32 copies) at the loss.
        batch_size: rows a micro-batch.
        adapters, checkpointing, eight_bit: what is on already.
        accelerator: whether the network is on a GPU, so that states can leave it for the host.
    """
    found = []
    trunk = activations.get("trunk", 0)
    if not checkpointing and layers:
        left = layers * boundary + trunk // layers  # every layer's input, and one layer at a time in full
        found.append(Suggestion("activation_checkpointing: true", trunk - left, "about a third more time a step"))
    if batch_size > 1:
        half = batch_size // 2
        share = 1 - half / batch_size
        saves = int(share * (sum(activations.values()) + logits))
        found.append(
            Suggestion(
                f"per_device_train_batch_size: {half}, and twice the gradient_accumulation_steps", saves,
                "smaller matrix products; nothing where they are large enough",
            )
        )  # fmt: skip
    if not adapters:
        ours = ("trunk", "embeddings", "lm_head")
        saves = sum(gradients.get(name, 0) + optimizer.get(name, 0) for name in ours)
        found.append(Suggestion("lora_r: 16", saves, "the trunk learns through adapters alone"))
    if logits:
        found.append(
            Suggestion(
                "use_liger_kernel: true (GPU), or a loss in chunks", int(0.9 * logits),
                "none on a GPU; no logits for metrics",
            )
        )  # fmt: skip
    if not eight_bit:
        found.append(
            Suggestion("optim: adamw_8bit", int(0.75 * sum(optimizer.values())), "states in 8 bits; needs a GPU")
        )
    if accelerator:
        saves = sum(optimizer.values())
        found.append(
            Suggestion("accelerate_configs/zero3_offload.yaml", saves, "the optimizer steps on the host, slower")
        )
    return sorted((s for s in found if s.saves >= least), key=lambda s: -s.saves)
