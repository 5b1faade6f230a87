"""Sixteen labelled conversations, a random tiny network, and arguments under which a step can be repeated exactly."""

import os
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig

from pixel.data.schema import conversation, features
from pixel.training import ModelArguments, PixelTrainer, PixelTrainingArguments, load_pixel

FIELDS_READ = [
    "emotion", "vad", "persona_mode", "risk", "appropriateness", "emotional_reactions", "genuine",
]  # fmt: skip
FEELINGS = (["joy"], ["sadness", "fear"], ["anger"], ["neutral"])


def rows(count: int = 16, *, talk: bool = True) -> list[dict]:
    """
    Conversations of which each labels something else: no label stands in every batch.

    The second half names no emotion and the first half no risk, so that two ranks which split the rows in the middle
    hold different fields.
    """
    made = []
    for index in range(count):
        messages = [
            {"role": "user", "content": f"Day {index}: I could not sleep" + " again" * (index % 5) + "."},
            {"role": "assistant", "content": "That sounds hard. " + "Tell me more. " * (index % 3)},
            {"role": "user", "content": f"My job takes {index} hours."},
        ]
        early = index < count // 2
        labels = {
            "emotion": [FEELINGS[index % 4], None, None] if early else None,
            "vad": [[0.1 * (index % 10), 0.5, None], None, [0.5, 0.5, 0.5]] if index % 3 == 0 else None,
            "persona_mode": [("therapy", "assistant")[index % 2], None, None] if index % 2 else None,
            "risk": None if early else [index % 7, None, 0],
            "appropriateness": [None, 0.25 * (index % 5), None] if index % 4 == 1 else None,
            "emotional_reactions": [None, index % 3, None],
            "genuine": [None, [1.0], None] if index == 2 else None,
        }
        learn = None if talk else False
        made.append(conversation(messages, id=str(index), source="tiny", licence="CC0-1.0", learn=learn, **labels))
    return made


def tiny_data(count: int = 16, *, talk: bool = True) -> Dataset:
    """`rows` as a `Dataset`."""
    return Dataset.from_list(rows(count, talk=talk), features=features())


def tiny_network(kind: str = "llama", **options):
    """`(tokenizer, network)`: the same random weights each time, without dropout; or those of a folder."""
    torch.manual_seed(0)
    given = {"head_hidden_size": 16, "head_dropout": 0.0, "fields": FIELDS_READ, "model_dtype": "float32"} | options
    name = kind if os.sep in kind else f"tiny:{kind}"
    return load_pixel(ModelArguments(model_name_or_path=name, **given))


def arguments(folder: Path | str, **options) -> PixelTrainingArguments:
    """One optimizer step of plain SGD over all sixteen rows, unless told otherwise."""
    given = {
        "max_steps": 1,
        "per_device_train_batch_size": 8,
        "gradient_accumulation_steps": 1,
        "learning_rate": 0.1,
        "optim": "sgd",
        "lr_scheduler_type": "constant",
        "max_grad_norm": 1e9,
        "packing": False,
        "max_length": 256,
        "logging_steps": 1,
        "save_strategy": "no",
        "save_patience": 0.0,
        "save_on_signal": False,  # a test run that is told to stop stops
        "disable_tqdm": True,
        "train_sampling_strategy": "sequential",
        "weighting": "upgrad",
        "gram_timing": "previous_step",
        "seed": 0,
    }  # fmt: skip
    return PixelTrainingArguments(output_dir=str(folder), **(given | options))


def lora(rank: int = 4) -> LoraConfig:
    """Adapters on the attention; B is not zero at the start, so that A moves in the first step too."""
    targets = ["q_proj", "k_proj", "v_proj", "o_proj"]
    return LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=targets, init_lora_weights=False)


def trainer_for(
    folder, kind: str = "llama", *, adapters: bool = False, data=None, network=None, eval_dataset=None, **options
):
    """A `PixelTrainer` on `tiny_data`, with everything seeded."""
    args = arguments(folder, **options)
    tokenizer, network = network or tiny_network(kind)
    torch.manual_seed(1)
    return PixelTrainer(
        network,
        args,
        tiny_data() if data is None else data,
        eval_dataset,
        processing_class=tokenizer,
        peft_config=lora() if adapters else None,
    )


def parameters(trainer) -> dict[str, torch.Tensor]:
    """Trainable parameters, copied."""
    model = trainer.accelerator.unwrap_model(trainer.model)
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}


def losses(trainer, key: str = "loss") -> list[float]:
    """What was logged under a name."""
    return [entry[key] for entry in trainer.state.log_history if key in entry]
