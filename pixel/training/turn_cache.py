"""Turn states of a frozen trunk, computed once and kept on disk."""

import hashlib
import json
from pathlib import Path

import torch
from datasets import Dataset
from safetensors.torch import load_file, save_file
from torch import Tensor
from tqdm.auto import tqdm

from pixel.data.collator import PixelCollator
from pixel.hub.packages import cache_home
from pixel.models import PixelForCausalLM
from pixel.training.read_dataset import batches_of_length

SHARD = 4000
"""Examples in a file; a run that is stopped goes on at the first file that is missing."""


@torch.no_grad()
def turn_states(
    network: PixelForCausalLM, examples: Dataset, pad_token_id: int, *, folder: Path | None = None, tokens: int = 2048
) -> list[Tensor]:
    """
    Turn states of every example, from disk where they were computed before.

    Args:
        network: frozen.
        examples: of `encode_dataset`.
        pad_token_id: of the tokenizer.
        folder: where states are kept; default: Pixel's cache.
        tokens: padded tokens in a batch.

    Returns:
        one bfloat16 `[turns, config.turn_state_size]` an example.
    """
    folder = (folder or cache_home() / "states") / _of_network(network)
    counts = [len(spans) for spans in examples["turn_spans"]]
    lengths = [len(ids) for ids in examples["input_ids"]]
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    bar = tqdm(total=len(examples), desc="Turn states")
    out: list[Tensor] = [torch.empty(0)] * len(examples)
    network.eval()
    for start in range(0, len(order), SHARD):
        members = order[start : start + SHARD]
        shard = examples.select(members)
        file = folder / f"{_of_text(shard)}.safetensors"
        sizes = [counts[index] for index in members]
        if file.exists():
            states = list(load_file(file)["states"].split(sizes))
            bar.update(len(members))
        else:
            states = _compute(network, shard, pad_token_id, sizes, tokens, bar)
            folder.mkdir(parents=True, exist_ok=True)
            partial = file.with_suffix(".partial")
            save_file({"states": torch.cat(states)}, partial)
            partial.rename(file)
        for index, state in zip(members, states, strict=True):
            out[index] = state
    bar.close()
    return out


def _compute(network, shard: Dataset, pad_token_id: int, sizes: list[int], tokens: int, bar) -> list[Tensor]:
    collate = PixelCollator(pad_token_id)
    out: list[Tensor] = [torch.empty(0)] * len(shard)
    for members in batches_of_length([len(ids) for ids in shard["input_ids"]], tokens):
        batch = collate([shard[index] for index in members])
        inputs = {
            name: batch[name].to(network.device)
            for name in ("input_ids", "attention_mask", "position_ids", "turn_spans")
            if name in batch
        }
        states = network.turn_states(**inputs)
        for row, index in enumerate(members):
            out[index] = states[row, : sizes[index]].to(torch.bfloat16).cpu()
        bar.update(len(members))
    return out


def _of_network(network: PixelForCausalLM) -> str:
    """A name for the trunk and where it is read."""
    config = network.config
    where = [config.readout_layer, config.readout_pooling, config.readout_taps, str(network.dtype)]
    digest = hashlib.sha256(json.dumps([where, config.text_config.to_dict()], default=str, sort_keys=True).encode())
    for name, weight in network.model.named_parameters():
        flat = weight.detach().flatten()
        part = torch.cat([flat[:64], flat[-64:], flat.float().sum().view(1).to(flat.dtype)])
        digest.update(name.encode() + part.float().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


def _of_text(shard: Dataset) -> str:
    digest = hashlib.sha256()
    for ids, spans in zip(shard["input_ids"], shard["turn_spans"], strict=True):
        digest.update(repr((ids, spans)).encode())
    return digest.hexdigest()[:24]
