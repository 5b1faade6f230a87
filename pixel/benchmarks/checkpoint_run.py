"""A tiny run with real checkpoints, for benchmarks that break them."""

from pathlib import Path
from typing import Any

import torch
from transformers import PrinterCallback

from pixel.data.seed import load_seed
from pixel.training import ModelArguments, PixelTrainer, PixelTrainingArguments, load_pixel
from pixel.training.callbacks.brief_log import BriefPrinter

STEPS = 3


def tiny_trainer(folder: Path, model: str = "tiny:llama", **options: Any) -> PixelTrainer:
    """
    A `PixelTrainer` on sixteen seed conversations and, by default, a random network; a checkpoint a step.

    Args:
        folder: output folder.
        model: as `model_name_or_path`.
        options: of `PixelTrainingArguments`.
    """
    torch.manual_seed(0)
    tokenizer, network = load_pixel(
        ModelArguments(model_name_or_path=model, model_dtype="float32", head_hidden_size=16)
    )
    given = {
        "max_steps": STEPS, "per_device_train_batch_size": 2, "max_length": 256, "packing": False,
        "learning_rate": 1e-2, "save_strategy": "steps", "save_steps": 1, "logging_steps": 1, "disable_tqdm": True,
        "weighting": "upgrad", "report_to": "none", "seed": 0,
    }  # fmt: skip
    rows = load_seed()["train"].select(range(16))
    trainer = PixelTrainer(
        network, PixelTrainingArguments(output_dir=str(folder), **(given | options)), rows, processing_class=tokenizer
    )
    for printer in (BriefPrinter, PrinterCallback):
        trainer.pop_callback(printer)
    return trainer
