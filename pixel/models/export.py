"""Taking the plain backbone out again, for vLLM, llama.cpp or anything else that knows nothing of heads."""

from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from .modeling_pixel import PixelForCausalLM


def plain_backbone(model: PixelForCausalLM) -> PreTrainedModel:
    """
    The causal language model inside, sharing its weights.

    Returns:
        what `AutoModelForCausalLM` makes of `model.config.text_config`, with the same logits as `model`.

    Raises:
        ValueError: a weight of the plain model is not in Pixel's.
    """
    with torch.device("meta"):
        plain = AutoModelForCausalLM.from_config(model.config.text_config)
    weights = {name: tensor for name, tensor in model.state_dict().items() if name.startswith(("model.", "lm_head."))}
    missing, unexpected = plain.load_state_dict(weights, strict=False, assign=True)
    if missing or unexpected:
        raise ValueError(f"the backbone does not fit its configuration: missing {missing}, unexpected {unexpected}")
    for name, buffer in model.model.named_buffers():  # rotary tables are not in the state dict
        owner, _, leaf = name.rpartition(".")
        setattr(plain.model.get_submodule(owner), leaf, buffer)
    plain.tie_weights()
    plain.generation_config = model.generation_config
    return plain.eval()


def export_backbone(model: PixelForCausalLM, folder: str | Path, tokenizer=None) -> Path:
    """Write the plain causal language model (and the tokenizer) to `folder`; returns the folder."""
    plain_backbone(model).save_pretrained(folder)
    if tokenizer is not None:
        tokenizer.save_pretrained(folder)
    return Path(folder)
