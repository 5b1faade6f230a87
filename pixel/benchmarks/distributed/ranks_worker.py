"""
What each process of [`rank_equality`] runs: trains on invented rows of all fields and leaves what came out.

    accelerate launch ... -m pixel.benchmarks.distributed.ranks_worker FOLDER OPTIONS_AS_JSON

A single process writes FOLDER/begin.safetensors before it starts. The first process writes
FOLDER/parameters.safetensors (what was trained, whole), FOLDER/answers.safetensors (logits and read-outs of the
trained network on the first rows) and the model folder FOLDER/model; each process FOLDER/rank{N}.json.
"""

import json
import sys
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import extract_model_from_parallel
from peft import LoraConfig
from safetensors.torch import save_file
from torch import Tensor

from pixel.benchmarks.distributed.all_fields import rows_of_all_fields
from pixel.models.labels import FIELDS
from pixel.training import ModelArguments, PixelTrainer, PixelTrainingArguments, load_pixel
from pixel.training.keeping import save_network
from pixel.training.whole_weights import full, whole

READ = 4
"""Rows whose answers are compared."""


def trainer_of(folder: Path, start: str, rows_per_device: int, adapters: bool, dtype: str, options: dict[str, Any]):
    """The trainer of one process; the same start, rows and options give the same training."""
    arguments = PixelTrainingArguments(
        output_dir=str(folder / "run"), per_device_train_batch_size=rows_per_device, use_cpu=True, packing=False,
        max_length=256, logging_steps=1, disable_tqdm=True, seed=0, train_sampling_strategy="sequential", **options,
    )  # fmt: skip
    tokenizer, network = load_pixel(
        ModelArguments(model_name_or_path=start, model_dtype=dtype, head_dropout=0.0, head_hidden_size=16)
    )
    torch.manual_seed(1)
    lora = None
    if adapters:  # B does not start from zero, so that A moves in the first step too
        targets = ["q_proj", "k_proj", "v_proj", "o_proj"]
        lora = LoraConfig(r=4, lora_alpha=8, target_modules=targets, init_lora_weights=False)
    return PixelTrainer(network, arguments, rows_of_all_fields(), processing_class=tokenizer, peft_config=lora)


def trained_parameters(trainer) -> dict[str, Tensor]:
    """Whole, on every process; each must call it."""
    found = {}
    for name, parameter in extract_model_from_parallel(trainer.model_wrapped).named_parameters():
        if parameter.requires_grad:
            with whole([parameter]):
                found[name.removeprefix("module.")] = full(parameter).detach().clone().contiguous()
    return found


@torch.no_grad()
def answers(trainer) -> dict[str, Tensor]:
    """Logits and read-outs on the first rows, by the network as it stands; every process must call it."""
    batch = trainer.data_collator([trainer.train_dataset[row] for row in range(READ)])
    trainer.model_wrapped.eval()  # DeepSpeed's returns nothing
    return said_of(trainer.model_wrapped, batch)


@torch.no_grad()
def said_of(model: torch.nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Logits and read-outs on a collated batch; zero at padding, where attention may do as it likes."""
    output = model(
        **{key: batch[key] for key in ("input_ids", "attention_mask", "turn_spans", "turn_mask")}, use_cache=False
    )
    logits = output.logits.float() * batch["attention_mask"].unsqueeze(-1)
    there = (batch["turn_mask"] > 0).unsqueeze(-1)
    return {"logits": logits, **{f"readout.{n}": x.float() * there for n, x in output.readouts.items()}}


def shards(trainer) -> str:
    """What a parameter of the network really is on this process."""
    model = trainer.model_wrapped
    found = {
        type(p).__name__ if hasattr(p, "full_tensor") else "ZeRO-3 shard" if hasattr(p, "ds_id") else "whole"
        for p in model.parameters()
    }
    return f"{type(model).__name__}: {', '.join(sorted(found))}"


def main(
    folder: Path,
    start: str,
    rows_per_device: int,
    adapters: bool,
    resume: str | None = None,
    dtype: str = "float32",
    **options: Any,
) -> None:
    """Train, save, and write down what this process saw."""
    trainer = trainer_of(folder, start, rows_per_device, adapters, dtype, options)
    if trainer.accelerator.num_processes == 1:
        save_file(trained_parameters(trainer), folder / "begin.safetensors")
    trainer.train(resume_from_checkpoint=resume)
    split = shards(trainer)  # before the network is read: FSDP2 leaves the root's parameters gathered then
    found, said = trained_parameters(trainer), answers(trainer)
    save_network(trainer, folder / "model")
    rank = trainer.accelerator.process_index
    if rank == 0:
        save_file(found, folder / "parameters.safetensors")
        save_file(said, folder / "answers.safetensors")
    plugin = getattr(trainer.accelerator.state, "deepspeed_plugin", None)
    facts = {
        "type": trainer.accelerator.distributed_type.value + (f" stage {plugin.zero_stage}" if plugin else ""),
        "processes": trainer.accelerator.num_processes,
        "parameters_are": split,
        "steps": trainer.state.global_step,
        "losses": [entry["loss"] for entry in trainer.state.log_history if "loss" in entry],
        "weights": trainer.balancer.weights.tolist(),
        "fields": sorted(
            name for name in FIELDS if any(f"loss_{name}" in entry for entry in trainer.state.log_history)
        ),
    }
    (folder / f"rank{rank}.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]), **json.loads(sys.argv[2]))
