"""Random networks in the shapes of Qwen3, and how to find the largest that fits a device."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from transformers import AutoConfig, PreTrainedConfig

from pixel.models import PixelConfig, PixelForCausalLM
from pixel.training.chat_tokenizer import byte_tokenizer

Made = TypeVar("Made")


@dataclass(frozen=True)
class Shape:
    """
    Attributes:
        layers, hidden, heads, key_heads, head_size, width, vocabulary: of the network; width of an MLP or an expert.
        experts: 0 for a dense network.
        active: experts a token.
        tied: input and output embeddings are one.
    """

    layers: int
    hidden: int
    heads: int
    key_heads: int
    head_size: int
    width: int
    vocabulary: int = 151_936
    experts: int = 0
    active: int = 8
    tied: bool = True

    def config(self, attention: str = "sdpa") -> PreTrainedConfig:
        """Of the backbone."""
        moe = {
            "num_experts": self.experts,
            "num_experts_per_tok": min(self.active, self.experts),
            "moe_intermediate_size": self.width,
            "output_router_logits": True,
        }
        return AutoConfig.for_model(
            "qwen3_moe" if self.experts else "qwen3",
            num_hidden_layers=self.layers,
            hidden_size=self.hidden,
            num_attention_heads=self.heads,
            num_key_value_heads=self.key_heads,
            head_dim=self.head_size,
            intermediate_size=self.width,
            vocab_size=self.vocabulary,
            max_position_embeddings=40_960,
            tie_word_embeddings=self.tied,
            attn_implementation=attention,
            **(moe if self.experts else {}),
        )


DENSE = Shape(28, 1024, 16, 8, 128, 3072)
"""Qwen3-0.6B's."""
SPARSE = Shape(48, 2048, 32, 4, 128, 768, experts=128, tied=False)
"""Qwen3-30B-A3B's."""
TINY_DENSE = Shape(4, 32, 4, 2, 8, 64, vocabulary=512)
TINY_SPARSE = Shape(4, 32, 4, 2, 8, 32, vocabulary=512, experts=8, active=2, tied=False)


def smaller(shape: Shape) -> Iterator[Shape]:
    """The shape, then with its layers halved down to 4, then with its experts halved down to those active."""
    yield shape
    while shape.layers > 4:
        shape = replace(shape, layers=max(4, shape.layers // 2))
        yield shape
    while shape.experts > shape.active:
        shape = replace(shape, experts=max(shape.active, shape.experts // 2))
        yield shape


def largest_that_fits(shape: Shape, attempt: Callable[[Shape], Made]) -> tuple[Shape, Made]:
    """
    The first of `smaller(shape)` with which `attempt` does not run out of memory.

    Raises:
        RuntimeError: none does.
    """
    for candidate in smaller(shape):
        try:
            return candidate, attempt(candidate)
        except (torch.OutOfMemoryError, MemoryError):
            pass  # the traceback, and with it the network, goes at the end of this block
        release()
    raise RuntimeError(f"not even {candidate} fits this device's memory")


def release() -> None:
    """Give memory back to the device."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def random_network(shape: Shape, device: str, dtype: torch.dtype, attention: str = "sdpa", seed: int = 0):
    """`(tokenizer, network)` with random weights made on the device; heads in float32, bytes as tokens."""
    tokenizer = byte_tokenizer()
    torch.manual_seed(seed)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            network = PixelForCausalLM(PixelConfig(text_config=shape.config(attention)))
    finally:
        torch.set_default_dtype(before)
    network.heads.float()
    network.pooling.float()
    network.generation_config.pad_token_id = tokenizer.pad_token_id
    network.generation_config.eos_token_id = tokenizer.eos_token_id
    return tokenizer, network
