"""Small random networks and conversations that the tests of `pixel.models` share."""

import torch
from torch import Tensor
from transformers import PreTrainedConfig

from pixel.models import PixelConfig, PixelForCausalLM
from pixel.models.labels import FIELDS
from pixel.training.loading import tiny_config

VOCABULARY = 97
POOLINGS = ("mean", "last", "attention", "mean+last+attention")


def backbone_config(kind: str = "llama") -> PreTrainedConfig:
    """A tiny backbone whose weights are large enough that context shows in its states."""
    config = tiny_config(kind, VOCABULARY)
    config.initializer_range = 0.3
    return config


def network(kind: str = "llama", seed: int = 0, **options) -> PixelForCausalLM:
    """A Pixel model in which every weight is random (no head, query or table starts at zero), in eval mode."""
    torch.manual_seed(seed)
    built = PixelForCausalLM(PixelConfig(text_config=backbone_config(kind), **{"head_hidden_size": 8} | options))
    with torch.no_grad():
        for name, weight in built.named_parameters():
            if not name.startswith(("model.", "lm_head.")):
                weight.normal_(std=0.3)
    return built.eval()


def conversation(turns: list[int], seed: int = 0, header: int = 2) -> dict:
    """An example as `encode_row` makes it: turns of these lengths, each with a header before and one token after."""
    random = torch.Generator().manual_seed(seed)
    length = sum(header + turn + 1 for turn in turns)
    ids = torch.randint(0, VOCABULARY, (length,), generator=random).tolist()
    labels, spans, start = [-100] * length, [], 0
    for number, turn in enumerate(turns):
        first, last = start + header, start + header + turn - 1
        spans.append([first, last])
        if number % 2:
            labels[first : last + 2] = ids[first : last + 2]
        start = last + 2
    return {
        "input_ids": ids,
        "labels": labels,
        "position_ids": list(range(length)),
        "turn_spans": spans,
        "turn_mask": [1] * len(turns),
        "turn_roles": [1 + number % 2 for number in range(len(turns))],
    }


def tensors(example: dict, *names: str) -> dict[str, Tensor]:
    """A batch of one, of `input_ids`, `turn_spans`, `turn_mask` and what else is named."""
    return {name: torch.tensor([example[name]]) for name in ("input_ids", "turn_spans", "turn_mask", *names)}


def all_fields() -> list[str]:
    """Every field, for a lexical expert that speaks about everything."""
    return list(FIELDS)


def head_keys(model: PixelForCausalLM) -> set[str]:
    """State-dict keys that are not a plain causal language model's."""
    return {name for name in model.state_dict() if not name.startswith(("model.", "lm_head."))}
