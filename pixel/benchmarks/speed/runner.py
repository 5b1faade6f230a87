"""One optimizer step at a time of any way to train, on rows of its own making from the same conversations."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import send_to_device
from datasets import Dataset
from trl import SFTConfig, SFTTrainer
from trl.data_utils import pack_dataset as trl_pack_dataset

from pixel.benchmarks.clock import clock
from pixel.benchmarks.speed.variants import Variant
from pixel.benchmarks.stepping import lora_of
from pixel.data.collator import PixelCollator
from pixel.data.packing import pack_dataset
from pixel.models import PixelForCausalLM
from pixel.models.export import plain_backbone
from pixel.training import ModelArguments, PixelTrainer, PixelTrainingArguments

Rows = dict[tuple[bool, bool], Dataset]
Network = Callable[[torch.dtype | None], tuple[Any, PixelForCausalLM]]
"""From a dtype to `(tokenizer, network)`, the same weights each time."""


def prepare_rows(examples: Dataset, length: int, seed: int = 0) -> Rows:
    """The same conversations as Pixel and as TRL see them, one a row and packed by each: `(ours, packed)` -> rows."""
    plain = examples.select_columns(["input_ids", "labels"])
    return {
        (True, False): examples,
        (True, True): pack_dataset(examples, length, seed=seed).shuffle(seed=seed),
        (False, False): plain,
        (False, True): trl_pack_dataset(plain, length, "bfd").shuffle(seed=seed),
    }


class LanguageOnly(PixelCollator):
    """Pixel's rows without turns and labels."""

    def __call__(self, examples: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """See `PixelCollator`."""
        batch = super().__call__(examples)
        names = ("input_ids", "labels", "attention_mask", "position_ids")
        return {name: batch[name] for name in names if name in batch}


class Runner:
    """
    A trainer that is stepped by hand.

    Args:
        variant: what to run.
        build: makes the network.
        prepared: from `prepare_rows`.
        length: tokens of a packed row.
        rows: micro-batches of a step hold as many packed rows, or as many single conversations as `singles` says.
        micro: micro-batches a step. TRL flattens a packed batch into one row, whose whole square SDPA pays for: it
            gets its packed rows one by one, in `rows * micro` micro-batches.
        singles: conversations of a micro-batch that is not packed.
        lora_rank: 0 trains every weight.
        device: `cpu` or `cuda`.
        same_rows: TRL gets Pixel's packed rows as they are, instead of packing by itself.
        seed: of the order of rows.
    """

    def __init__(
        self,
        variant: Variant,
        build: Network,
        prepared: Rows,
        *,
        length: int,
        rows: int,
        micro: int = 1,
        singles: int = 1,
        lora_rank: int = 16,
        device: str = "cpu",
        same_rows: bool = False,
        seed: int = 0,
    ):
        self.variant, self.flush, self.device = variant, variant.flush, torch.device(device)
        data = prepared[variant.ours or same_rows, variant.packed]
        self.size = rows if variant.packed else singles
        self.micro = micro
        if variant.packed and not variant.ours and not same_rows:
            self.size, self.micro = 1, rows * micro
        self.batches = self._cycle(data, self.size)
        torch.manual_seed(seed)
        tokenizer, network = build(variant.dtype)
        common: dict[str, Any] = {
            "output_dir": str(Path(tempfile.gettempdir()) / "pixel-speed"),
            "per_device_train_batch_size": self.size,
            "gradient_accumulation_steps": self.micro,
            "max_length": length,
            "gradient_checkpointing": False,
            "learning_rate": 1e-5,
            "report_to": "none",
            "disable_tqdm": True,
            "max_steps": 1000,
            "seed": seed,
        }
        if self.device.type == "cpu":
            common |= {"bf16": False, "use_cpu": True, "dataloader_pin_memory": False}
        adapters = lora_of(ModelArguments(model_name_or_path="", lora_r=lora_rank)) if lora_rank else None
        given = {"processing_class": tokenizer, "peft_config": adapters}
        if variant.ours:
            arguments = PixelTrainingArguments(**(common | {"packing": False} | variant.options))
            trainer = PixelTrainer(network, arguments, data, **given)
        else:
            own = {"packing": variant.packed and not same_rows, "dataset_kwargs": {"skip_prepare_dataset": True}}
            if same_rows:
                own["remove_unused_columns"], given["data_collator"] = False, LanguageOnly(tokenizer.pad_token_id)
            plain = plain_backbone(network).train()
            trainer = SFTTrainer(plain, SFTConfig(**(common | own | variant.options)), train_dataset=data, **given)
        self.trainer = trainer
        trainer.create_optimizer_and_scheduler(num_training_steps=1000)
        trainer.current_gradient_accumulation_steps = self.micro
        self.model, self.optimizer = trainer.accelerator.prepare(trainer.model, trainer.optimizer)
        trainer.state.global_step = 1
        trainer._tr_loss = torch.zeros((), device=trainer.accelerator.device)

    def _cycle(self, data: Dataset, size: int) -> Iterator[list[dict]]:
        rows = list(data)
        order = list(range(len(rows)))
        if self.variant.sorted:  # batches of like length, the batches in random order, as transformers does
            order.sort(key=lambda index: len(rows[index]["input_ids"]))
        batches = [[rows[index] for index in order[at : at + size]] for at in range(0, len(order), size)]
        batches = [batch for batch in batches if len(batch) == size] or [[rows[i % len(rows)] for i in range(size)]]
        mixed = torch.randperm(len(batches), generator=torch.Generator().manual_seed(1)).tolist()
        while True:
            for index in mixed:
                yield batches[index]

    def next_step(self) -> list[list[dict]]:
        """The micro-batches of the next step."""
        return [next(self.batches) for _ in range(self.micro)]

    def step(self, batches: Sequence[Sequence[dict]]) -> float:
        """
        One optimizer step; collation is not timed (data loader workers do it).

        Returns:
            seconds of `pixel.benchmarks.clock`.
        """
        trainer, device = self.trainer, self.trainer.accelerator.device
        if self.device.type == "cpu":
            torch.set_flush_denormal(self.flush)
        collated = [trainer.data_collator(list(batch)) for batch in batches]
        collated = [send_to_device(batch, device) for batch in collated]
        started = clock()
        collated, items = trainer.get_batch_samples(iter(collated), len(collated), device)
        for batch in collated:
            trainer.training_step(self.model, batch, items)
        trainer.accelerator.clip_grad_norm_(self.model.parameters(), trainer.args.max_grad_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        if isinstance(trainer, PixelTrainer):
            trainer.end_of_step()
        return clock() - started


def real_tokens(batches: Sequence[Sequence[dict]]) -> int:
    """Tokens of a step, padding not counted."""
    return sum(len(row["input_ids"]) for batch in batches for row in batch)


def padded_tokens(batches: Sequence[Sequence[dict]]) -> int:
    """Tokens of a step with its padding."""
    return sum(len(batch) * max(len(row["input_ids"]) for row in batch) for batch in batches)
