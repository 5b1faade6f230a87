"""Heads alone, on turn states that the frozen trunk computed once: seconds an epoch instead of minutes."""

import hashlib
import json
from pathlib import Path

import torch
from datasets import Dataset
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from tqdm.auto import tqdm
from transformers import Trainer

from pixel.data.collator import PixelCollator
from pixel.data.examples import encode_dataset
from pixel.models import PixelForCausalLM
from pixel.models.labels import FIELDS
from pixel.models.modeling_pixel import HEAD_OBJECTIVES
from pixel.objectives import label_counts, objective_losses
from pixel.training.component_log import ComponentLog
from pixel.training.embedded import cache_home
from pixel.training.read_dataset import batches_of_length
from pixel.training.trainer import require_something_to_learn


class HeadsOnly(nn.Module):
    """The heads of a network as a module of their own: `states [batch, turns, inputs]` -> logits by field."""

    def __init__(self, network: PixelForCausalLM):
        super().__init__()
        self.heads = network.heads

    def forward(self, states: Tensor, turn_mask: Tensor) -> dict[str, Tensor]:
        return self.heads(dict.fromkeys(HEAD_OBJECTIVES, states), turn_mask)


class StateDataset(torch.utils.data.Dataset):
    """Examples with their turn states: `states[i]` is float `[turns, inputs]`."""

    def __init__(self, examples: Dataset, states: list[Tensor]):
        self.examples, self.states = examples, states

    def __len__(self) -> int:
        return len(self.states)

    def __getitem__(self, index: int) -> dict:
        return {**self.examples[index], "states": self.states[index]}


class FrozenTrainer(Trainer):
    """
    Trains the heads of a network whose trunk stays as it is.

    Turn states are computed once and kept on disk, keyed by the trunk's weights, the readout layer and the text, so
    that a second run on the same data starts at once. The language objective has nothing to train here.

    Args:
        network: without learned pooling (which needs the token states).
        args: see `PixelTrainingArguments`; the learning rate is `head_learning_rate` if given.
        train_dataset: conversations, or examples (not packed).
        processing_class: the tokenizer.
        peft_config: must be `None`.

    Raises:
        ValueError: learned pooling, or nothing to learn from.
    """

    can_assess = True

    def __init__(self, network: PixelForCausalLM, args, train_dataset: Dataset, processing_class=None, peft_config=None):
        if network.pooling.query is not None:
            raise ValueError("frozen_trunk needs readout_pooling mean or last; attention learns from every token")
        if "input_ids" not in train_dataset.column_names:
            train_dataset = encode_dataset(train_dataset, processing_class, args.max_length)
        require_something_to_learn(train_dataset)
        args.remove_unused_columns = False
        if args.head_learning_rate is not None:
            args.learning_rate = args.head_learning_rate
        network.requires_grad_(False)
        network.heads.requires_grad_(True)
        self.pixel = network
        self._collate_labels = PixelCollator(processing_class.pad_token_id)
        self._components = ComponentLog()
        self.columns = train_dataset.column_names
        states = turn_states(network, train_dataset, processing_class.pad_token_id)
        super().__init__(
            model=HeadsOnly(network),
            args=args,
            data_collator=self._collate,
            train_dataset=StateDataset(train_dataset, states),
            processing_class=processing_class,
        )

    def _collate(self, examples: list[dict]) -> dict[str, Tensor]:
        batch = self._collate_labels(examples)
        turns = batch["turn_mask"].size(1)
        hidden = examples[0]["states"].size(-1)
        batch["states"] = torch.zeros(len(examples), turns, hidden)
        for row, example in enumerate(examples):
            batch["states"][row, : len(example["states"])] = example["states"].float()
        keep = {"states", "turn_mask", "turn_roles", *FIELDS}
        return {name: tensor for name, tensor in batch.items() if name in keep}

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        """The heads' losses, each weighted by `objective_weights`."""
        readouts = model(inputs["states"], inputs["turn_mask"])
        counts = label_counts(inputs)
        objectives, components = objective_losses(readouts, inputs, counts, self.args.field_weights)
        for name, mean in components.items():
            self._components.add(name, mean * counts[name], counts[name])
        loss = sum(self.args.objective_weights.get(name, 1.0) * part for name, part in objectives.items())
        return (loss, readouts) if return_outputs else loss

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Adds the mean loss of every component."""
        logs |= {f"loss_{name}": value for name, value in self._components.means().items()}
        super().log(logs, start_time)

    def trained_fields(self) -> list[str]:
        """The label fields that the training set holds a label for and the model a head."""
        return [name for name in self.pixel.config.fields if name in self.columns]

    def merged_network(self) -> PixelForCausalLM:
        """The network with its trained heads."""
        return self.pixel


@torch.no_grad()
def turn_states(
    network: PixelForCausalLM, examples: Dataset, pad_token_id: int, *, folder: Path | None = None, tokens: int = 4096
) -> list[Tensor]:
    """
    Turn states at the readout layer, from disk if they were computed before.

    Args:
        network: frozen.
        examples: of `encode_dataset`.
        pad_token_id: of the tokenizer.
        folder: where states are kept; default: Pixel's cache.
        tokens: padded tokens in a batch.

    Returns:
        one bfloat16 `[turns, inputs]` an example.
    """
    folder = folder or cache_home() / "states"
    file = folder / f"{_fingerprint(network, examples)}.safetensors"
    counts = [len(spans) for spans in examples["turn_spans"]]
    if file.exists():
        return list(load_file(file)["states"].split(counts))
    network.eval()
    collate = PixelCollator(pad_token_id)
    out: list[Tensor] = [torch.empty(0)] * len(examples)
    bar = tqdm(total=len(examples), desc="Turn states (once)")
    for members in batches_of_length([len(ids) for ids in examples["input_ids"]], tokens):
        batch = collate([examples[index] for index in members])
        inputs = {
            name: batch[name].to(network.device)
            for name in ("input_ids", "attention_mask", "position_ids", "turn_spans")
            if name in batch
        }
        states = network.turn_states(**inputs)
        for row, index in enumerate(members):
            out[index] = states[row, : counts[index]].to(torch.bfloat16).cpu()
        bar.update(len(members))
    bar.close()
    folder.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    save_file({"states": torch.cat(out)}, partial)
    partial.rename(file)
    return out


def _fingerprint(network: PixelForCausalLM, examples: Dataset) -> str:
    digest = hashlib.sha256()
    config = network.config
    digest.update(json.dumps([config.readout_layer, config.readout_pooling, config.readout_taps, config.text_config.to_dict()], default=str, sort_keys=True).encode())
    for name, weight in network.model.named_parameters():
        digest.update(name.encode())
        digest.update(weight.detach().float().sum().cpu().numpy().tobytes())
        digest.update(weight.detach().flatten()[:64].float().cpu().numpy().tobytes())
    for ids, spans in zip(examples["input_ids"], examples["turn_spans"], strict=True):
        digest.update(repr((ids, spans)).encode())
    return digest.hexdigest()[:24]
