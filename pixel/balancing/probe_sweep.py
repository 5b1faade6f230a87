"""LoRA-B probe by sweep: one `autograd.grad` an objective over the LoRA B matrices of the attention projections."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from torch import Tensor, nn

from .balancer import Balancer
from .gram import gradient_gram

ATTENTION_PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj", "query_key_value", "c_attn")
"""Names of attention projections across the families Pixel loads (Qwen, Llama, SmolLM2, Phi, NeoX, GPT-2)."""


def lora_b_modules(
    model: nn.Module, projections: Sequence[str] = ATTENTION_PROJECTIONS, layers: range | None = None
) -> dict[str, nn.Module]:
    """
    The LoRA B modules of the attention projections, by name, as PEFT lays them out (`q_proj.lora_B.default`).

    Args:
        model (`nn.Module`): a PEFT model, or any model that holds one.
        projections (sequence of `str`): names of the projections to take.
        layers (range or `None`): indices of the decoder layers to take (`layers.7.` in the name), by default all.

    Returns:
        `dict`: name to linear module whose weight `[out, rank]` is trainable.

    Raises:
        ValueError: there is none; the message names the projections.
    """
    found = {}
    for name, module in model.named_modules():
        parts = name.split(".")
        if len(parts) < 3 or parts[-2] != "lora_B" or parts[-3] not in projections or not module.weight.requires_grad:
            continue
        if layers is None or any(a == "layers" and int(b) in layers for a, b in pairwise(parts) if b.isdigit()):
            found[name] = module
    if not found:
        where = "" if layers is None else f" in layers {layers.start} to {layers.stop - 1}"
        raise ValueError(
            f"no trainable LoRA B matrix on {', '.join(projections)}{where}: add these to LoraConfig.target_modules"
        )
    return found


def sweep_gram(
    losses: Mapping[str, Tensor], modules: Mapping[str, nn.Module], balancer: Balancer | None = None
) -> Tensor:
    """
    Gram matrix of the objectives' gradients over LoRA B matrices, from the losses of one ordinary forward pass.

    On SmolLM2 its signs agree with those of the full-parameter gradients in 97-100 percent of pairs (a design study;
    the Gram matrix at the fork reaches 45-67). Costs k backward passes down to the lowest adapter; no
    `.grad` is written and the graph is kept, so the step's own backward pass can follow. Not for ZeRO-3, FSDP or
    re-entrant checkpointing, which allow one backward pass: see [`replicated_gram`].

    It works from the first step on: B starts at zero, its gradient does not.

    Args:
        losses (mapping): objective to scalar loss, in the balancer's order, before any division by world size.
        modules (mapping): from [`lora_b_modules`].
        balancer ([`Balancer`] or `None`): paused meanwhile, so that the fork acts as the plain sum.

    Returns:
        `Tensor`: float32 `[k, k]` of this rank, for `balancer.observe`.

    Raises:
        ValueError: the losses are not the balancer's objectives in order.
    """
    weights = [module.weight for module in modules.values()]
    if balancer is None:
        return gradient_gram(losses.values(), weights)
    if tuple(losses) != balancer.objectives:
        raise ValueError(f"losses {tuple(losses)} are not the objectives {balancer.objectives} in order")
    with balancer.paused():
        return gradient_gram(losses.values(), weights)
