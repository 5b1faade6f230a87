"""
Attention over packed and padded rows that pays for each conversation's own triangle and for nothing else.

Under plain SDPA a mask keeps packed conversations apart, so that a row of 512 tokens pays for 512 x 512 scores
although a conversation of 80 tokens needs 3,240. Here a batch is cut into its documents: on a CPU each goes to SDPA by
itself (`is_causal`, no mask), on CUDA all go to `torch.nn.attention.varlen.varlen_attn` (flash attention, in torch
itself; not yet run on a GPU). The numbers are those of SDPA up to rounding.

The name `NAME` lives in this process only: configurations are saved without an attention implementation.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, sdpa_mask
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

NAME = "pixel_documents"
BACKBONES = ("llama", "qwen3", "qwen3_moe")
"""Tested ones; others may have soft caps, sinks or biases, which this does not know."""


@dataclass
class Documents:
    """
    Where the documents of a batch lie, rows one after the other.

    Attributes:
        lengths: of the documents, padding among them as documents that nobody looks at; they sum to rows x tokens.
        edges: int32 `[documents + 1]`, cumulative, on the batch's device.
    """

    lengths: list[int]
    edges: Tensor

    @classmethod
    def of_lengths(cls, lengths: list[int], device: torch.device) -> "Documents":
        """From lengths in order."""
        edges = torch.tensor([0, *lengths]).cumsum(0).to(device=device, dtype=torch.int32)
        return cls(lengths, edges)

    @classmethod
    def packed(cls, position_ids: Tensor) -> "Documents":
        """From positions `[rows, tokens]` that restart at 0 with each document."""
        starts = (position_ids == 0).clone()
        starts[:, 0] = True
        starts[:, 1:] |= position_ids[:, 1:] != position_ids[:, :-1] + 1
        first = starts.flatten().nonzero().flatten()
        end = first.new_tensor([starts.numel()])
        return cls.of_lengths(torch.diff(torch.cat([first, end])).tolist(), position_ids.device)

    @classmethod
    def padded(cls, attention_mask: Tensor) -> "Documents | None":
        """From a mask `[rows, tokens]` of 1 and then 0; `None` where a row is padded otherwise."""
        width, real = attention_mask.shape[1], attention_mask.sum(1)
        expected = torch.arange(width, device=attention_mask.device) < real[:, None]
        if not bool((attention_mask.bool() == expected).all()):
            return None
        parts = [(length, width - length) for length in real.tolist()]
        return cls.of_lengths([length for part in parts for length in part if length], attention_mask.device)


def document_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    documents: Documents | None = None,
    **kwargs,
) -> tuple[Tensor, None]:
    """
    As transformers' `sdpa`, within each of `documents` where the batch came with them.

    Args:
        query: `[rows, heads, tokens, size]`; `key` and `value` may have fewer heads.

    Returns:
        `[rows, tokens, heads, size]`, and no weights.
    """
    if documents is None:
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **kwargs
        )
    rows, heads, tokens, size = query.shape
    query, key, value = (x.transpose(1, 2).reshape(rows * tokens, x.shape[1], x.shape[3]) for x in (query, key, value))
    attend = _varlen if query.is_cuda else _one_by_one
    out = attend(query, key, value, documents, dropout, scaling)
    return out.view(rows, tokens, heads, value.shape[-1]), None


def _one_by_one(query, key, value, documents: Documents, dropout: float, scaling: float | None) -> Tensor:
    """
    `[all tokens, heads, size]`.

    `split` and `cat` are each other's gradient, so that nothing is filled with zeros. In float32: the backward pass of
    the bfloat16 kernel takes three times as long on documents of a hundred tokens.
    """
    gqa = query.shape[1] != key.shape[1]
    parts = [
        scaled_dot_product_attention(
            *(x.transpose(0, 1)[None] for x in part), dropout_p=dropout, scale=scaling, is_causal=True, enable_gqa=gqa
        )[0].transpose(0, 1)
        for part in zip(*(x.float().split(documents.lengths) for x in (query, key, value)), strict=True)
    ]
    return torch.cat(parts).to(query.dtype)


def _varlen(query, key, value, documents: Documents, dropout: float, scaling: float | None) -> Tensor:
    """The same in one kernel; needs CUDA, 16-bit floats, and no dropout."""
    from torch.nn.attention.varlen import varlen_attn

    longest, dtype = max(documents.lengths), query.dtype
    if torch.is_autocast_enabled("cuda"):  # which knows SDPA and not this kernel
        query, key, value = (x.to(torch.get_autocast_dtype("cuda")) for x in (query, key, value))
    out = varlen_attn(
        query, key, value, documents.edges, documents.edges, longest, longest,
        scale=scaling, window_size=(-1, 0), enable_gqa=query.shape[1] != key.shape[1],
    )  # fmt: skip
    return out.to(dtype)


def _before_backbone(backbone: nn.Module, args: tuple, kwargs: dict):
    """Find the documents of a batch that comes without a cache, and take away its mask."""
    use_cache = kwargs.get("use_cache")
    if kwargs.get("past_key_values") is not None or (backbone.config.use_cache if use_cache is None else use_cache):
        return None
    mask, positions = kwargs.get("attention_mask"), kwargs.get("position_ids")
    tokens = kwargs.get("inputs_embeds")
    tokens = kwargs.get("input_ids", args[0] if args else None) if tokens is None else tokens
    shape, documents = tokens.shape[:2], None
    if mask is not None and mask.shape == shape:
        documents = Documents.padded(mask)
    elif mask is None and positions is not None and positions.shape == shape:
        documents = Documents.packed(positions)
    if documents is None:
        return None
    kwargs["documents"] = documents
    kwargs["attention_mask"] = documents.edges.new_empty(1, 1, 0, 0)  # four dimensions: passed on, and never looked at
    return args, kwargs


def can_attend_by_document(backbone: PreTrainedModel) -> bool:
    """Whether it is one of `BACKBONES`, and every layer attends to all that came before, under SDPA, no dropout."""
    config = backbone.config
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    window = getattr(config, "sliding_window", None) if getattr(config, "use_sliding_window", True) else None
    return (
        config.model_type in BACKBONES
        and config._attn_implementation == "sdpa"
        and kinds == {"full_attention"}
        and not window
        and not getattr(config, "attention_dropout", 0.0)
    )


def attend_by_document(backbone: PreTrainedModel) -> None:
    """
    Let a backbone attend within documents from now on, packed or padded; with a cache it attends as before.

    Raises:
        ValueError: it cannot (see `can_attend_by_document`).
    """
    if backbone.config._attn_implementation == NAME:
        return
    if not can_attend_by_document(backbone):
        raise ValueError(
            f"{type(backbone).__name__} cannot attend by document: it needs {', '.join(BACKBONES)}, SDPA, full "
            "attention in every layer and no attention dropout. Mend: document_attention: never"
        )
    ALL_ATTENTION_FUNCTIONS.register(NAME, document_attention)
    ALL_MASK_ATTENTION_FUNCTIONS.register(NAME, sdpa_mask)
    backbone.set_attn_implementation(NAME)
    backbone.register_forward_pre_hook(_before_backbone, with_kwargs=True)
