"""One optimizer step at a time through the real trainers, so that their own costs are what is measured."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer

from pixel.benchmarks.jacobian_trainer import JacobianTrainer
from pixel.models.export import plain_backbone
from pixel.training import ModelArguments, PixelTrainer, PixelTrainingArguments, load_pixel
from pixel.training.hardware import Hardware
from pixel.training.lora import lora_from_arguments

PROBE_EVERY = 20
"""Steps between LoRA probes, as in `ObjectiveArguments`."""

VARIANTS = {
    "trl": None,
    "sum": {"weighting": "sum", "monitor_conflicts": False},
    "upgrad": {"weighting": "upgrad", "gram_source": "representation", "gram_timing": "immediate"},
    "upgrad_lora": {"weighting": "upgrad", "gram_source": "lora", "probe_every": PROBE_EVERY},
    "torchjd": {"weighting": "sum", "monitor_conflicts": False},
}
"""What is compared: TRL's `SFTTrainer` on the plain backbone, and Pixel with these options."""


def model_arguments(model: str, rank: int = 16, **options) -> ModelArguments:
    """LoRA on the attention projections of every layer."""
    return ModelArguments(model_name_or_path=model, lora_r=rank, **options)


def lora_of(model: ModelArguments) -> LoraConfig:
    """A fresh adapter configuration (trainers change theirs)."""
    return lora_from_arguments(model)


def build_trainer(variant: str, model: ModelArguments, examples: Dataset, batch_size: int, length: int, seed: int = 0):
    """
    A trainer of `VARIANTS`, on the same backbone weights whatever the variant.

    No activation checkpointing; the dtype is `model.model_dtype`'s.

    Args:
        variant: a key of `VARIANTS`.
        model: with `lora_r`.
        examples: from `pixel.data.examples`, packed or not.
        batch_size: rows a batch.
        length: tokens a row.
        seed: of random weights.
    """
    torch.manual_seed(seed)
    tokenizer, network = load_pixel(model)
    common: dict[str, Any] = {
        "output_dir": str(Path(tempfile.gettempdir()) / "pixel-benchmark"),
        "per_device_train_batch_size": batch_size,
        "max_length": length,
        "packing": False,
        "gradient_checkpointing": False,
        "learning_rate": 1e-4,
        "report_to": "none",
        "disable_tqdm": True,
        "seed": seed,
        "max_steps": 1000,
    }
    if not Hardware.detect().accelerator:
        torch.set_flush_denormal(True)
        common |= {"bf16": False, "use_cpu": True, "dataloader_pin_memory": False}
    options = {"processing_class": tokenizer, "peft_config": lora_of(model)}
    if variant == "trl":
        plain = plain_backbone(network).train()
        rows = examples.select_columns(["input_ids", "labels"])
        return SFTTrainer(
            plain, SFTConfig(**common, dataset_kwargs={"skip_prepare_dataset": True}), train_dataset=rows, **options
        )
    kind = JacobianTrainer if variant == "torchjd" else PixelTrainer
    return kind(network, PixelTrainingArguments(**common, **VARIANTS[variant]), examples, **options)


class Stepper:
    """
    Runs single optimizer steps of a trainer: batch collation, `training_step`, clipping, optimizer, balancer.

    Args:
        trainer: an `SFTTrainer`, `PixelTrainer` or `JacobianTrainer`.
    """

    def __init__(self, trainer: SFTTrainer):
        self.trainer = trainer
        trainer.create_optimizer_and_scheduler(num_training_steps=1000)
        trainer.current_gradient_accumulation_steps = 1
        self.model, self.optimizer = trainer.accelerator.prepare(trainer.model, trainer.optimizer)
        self.device = trainer.accelerator.device
        trainer.state.global_step = 1
        trainer._tr_loss = torch.zeros((), device=self.device)  # the guard of a step looks at it

    def collate(self, rows: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """The trainer's own collation; TRL gets the tokens and the labels of the language model alone."""
        if not isinstance(self.trainer, PixelTrainer):
            rows = [{"input_ids": row["input_ids"], "labels": row["labels"]} for row in rows]
        return self.trainer.data_collator(rows)

    def step(self, rows: Sequence[dict[str, Any]], probe: bool = False) -> float:
        """
        One optimizer step.

        Args:
            rows: examples of the batch; collation is not timed (data loader workers do it).
            probe: whether this is a step on which the LoRA probe runs.

        Returns:
            seconds.
        """
        trainer, batch = self.trainer, self.collate(rows)
        every = getattr(trainer.args, "probe_every", 0)
        trainer.state.global_step = every if probe else 1
        if getattr(trainer, "probe", None) is not None:
            trainer.probe.last_step = -1
        self._wait()
        started = time.perf_counter()
        (batch,), items = trainer.get_batch_samples(iter([batch]), 1, self.device)
        trainer.training_step(self.model, batch, items)
        if getattr(trainer, "probe", None) is not None:
            trainer.probe.after_backward()
        trainer.accelerator.clip_grad_norm_(self.model.parameters(), trainer.args.max_grad_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        if isinstance(trainer, PixelTrainer):
            trainer.balancer.step()
        self._wait()
        return time.perf_counter() - started

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize()


def device_name() -> str:
    """What the measurement ran on."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    bf16 = "bfloat16" if Hardware.detect().fast_bf16 else "float32"
    return f"CPU, {torch.get_num_threads()} threads, {bf16}"
