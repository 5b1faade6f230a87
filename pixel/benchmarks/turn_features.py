"""Features of labelled turns: pooled states of several layers from one forward pass, and the words alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from datasets import Dataset
from tqdm.auto import tqdm

from pixel.data.collator import PixelCollator
from pixel.models import PixelForCausalLM
from pixel.models.labels import FIELDS
from pixel.models.lexical import bag_of_tokens
from pixel.models.pooling import TurnPooling
from pixel.training.read_dataset import batches_of_length


@dataclass
class TurnFeatures:
    """
    Labelled turns of one split.

    Attributes:
        states: (layer, pooling) -> float32 `[turns, hidden * parts]`.
        counts: sparse `[turns, vocabulary]`, how often each token stands in the turn.
        targets: field -> float `[turns, size]` (NaN unknown) or int `[turns]` (-100 unknown).
        groups: `[turns]`, the conversation each is from.
    """

    states: dict[tuple[int, str], np.ndarray]
    counts: object
    targets: dict[str, np.ndarray]
    groups: np.ndarray


@torch.no_grad()
def turn_features(
    network: PixelForCausalLM,
    examples: Dataset,
    fields: Sequence[str],
    layers: Sequence[int],
    poolings: Sequence[str],
    pad_token_id: int,
    tokens: int = 4096,
    name: str = "",
) -> TurnFeatures:
    """
    Run the frozen trunk once, taking the output of several decoder layers on the way.

    The states are those that Pixel's heads would read at that layer (before the final norm, also for the last).

    Args:
        network: its heads play no part.
        examples: from `pixel.data.examples`, not packed.
        fields: turns with a label of any of these are taken.
        layers: decoder layers, counted from 1.
        poolings: as `pixel.models.pooling.TurnPooling`, without learned attention.
        pad_token_id: of the tokenizer.
        tokens: padded tokens a batch.
        name: beside the progress bar.

    Raises:
        ValueError: a layer outside the depth, learned pooling, or no labelled turn.
    """
    from scipy.sparse import csr_matrix

    text = network.config.text_config
    if outside := [layer for layer in layers if not 1 <= layer <= text.num_hidden_layers]:
        raise ValueError(f"layers {outside} are outside 1..{text.num_hidden_layers}")
    if learned := [pooling for pooling in poolings if "attention" in pooling]:
        raise ValueError(f"{learned} learns from data; use mean, last or mean+last")
    pools = {kind: TurnPooling(text.hidden_size, kind) for kind in poolings}
    states: dict[tuple[int, str], list] = {(layer, kind): [] for layer in layers for kind in poolings}
    targets: dict[str, list] = {field: [] for field in fields}
    groups, rows, columns, values, seen = [], [], [], [], 0
    network.eval()
    collate = PixelCollator(pad_token_id)
    bar = tqdm(total=len(examples), desc=f"Reading {name}".strip())
    for members in batches_of_length([len(ids) for ids in examples["input_ids"]], tokens):
        chosen = [examples[index] for index in members]
        batch = collate(chosen)
        wanted, labels = _labelled(batch, fields)
        if wanted.any():
            spans = batch["turn_spans"]
            for layer, hidden in _layers(network, batch, layers).items():
                for kind, pool in pools.items():
                    pooled = pool.gather(pool(hidden, spans) @ hidden)  # [batch, turns, hidden * parts]
                    states[layer, kind].append(pooled[wanted].numpy())
            place = torch.full((wanted.numel(),), -1)
            place[wanted.flatten()] = torch.arange(int(wanted.sum())) + seen
            turn, token, count = bag_of_tokens(batch["input_ids"], spans)
            inside = place[turn] >= 0
            rows.append(place[turn][inside].numpy())
            columns.append(token[inside].numpy())
            values.append(count[inside].numpy())
            for field in fields:
                targets[field].append(labels[field][wanted].numpy())
            groups += [str(chosen[row].get("row_id")) for row in wanted.nonzero()[:, 0].tolist()]
            seen += int(wanted.sum())
        bar.update(len(members))
    bar.close()
    if not seen:
        raise ValueError(f"{name or 'this dataset'} has no turn with a label for {', '.join(fields)}")
    joined = [np.concatenate(part) for part in (values, rows, columns)]
    counts = csr_matrix((joined[0], (joined[1], joined[2])), (seen, text.vocab_size), dtype=float)
    return TurnFeatures(
        {key: np.concatenate(parts) for key, parts in states.items()},
        counts,
        {field: np.concatenate(parts) for field, parts in targets.items()},
        np.array(groups),
    )


def _labelled(batch: dict, fields: Sequence[str]):
    """Which turns `[batch, turns]` carry a label of any field, and the labels of each (unknown where it has none)."""
    wanted = torch.zeros(batch["turn_mask"].shape, dtype=torch.bool)
    labels = {}
    for name in fields:
        field = FIELDS[name]
        blank = (*wanted.shape, field.size) if field.is_vector else wanted.shape
        empty = torch.full(blank, float("nan")) if field.is_vector else torch.full(blank, -100)
        labels[name] = batch.get(name, empty)
        wanted |= ~labels[name].isnan().all(-1) if field.is_vector else labels[name] != -100
    return wanted, labels


def _layers(network: PixelForCausalLM, batch: dict, layers: Sequence[int]) -> dict[int, torch.Tensor]:
    """Token states `[batch, tokens, hidden]` of each layer, float32 on the CPU."""
    taken: dict[int, torch.Tensor] = {}

    def keep(layer: int):
        def hook(module, args, output):
            taken[layer] = (output[0] if isinstance(output, tuple) else output).float().cpu()

        return hook

    handles = [network.model.layers[layer - 1].register_forward_hook(keep(layer)) for layer in layers]
    try:
        inputs = {key: batch[key].to(network.device) for key in ("input_ids", "attention_mask") if key in batch}
        network.model(**inputs, use_cache=False)
    finally:
        for handle in handles:
            handle.remove()
    return taken
