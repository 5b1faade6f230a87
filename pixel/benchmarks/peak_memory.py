"""The most memory a few steps of the real trainer take, counted by the allocator and by the operating system."""

import io
import multiprocessing
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from tqdm.auto import tqdm
from transformers import AutoConfig, TrainerCallback

from pixel.benchmarks.step_memory import peak, reset_peak, resident, settle
from pixel.monitoring.memory.live import live_tensors

STEPS = 3
"""One in which the optimizer makes its states, one whose resident peak is read, one that the profiler watches."""


@dataclass(frozen=True)
class Case:
    """
    A random network and how it is trained.

    Attributes:
        name: of the network.
        kind: `llama`, `qwen3` or `qwen3_moe`.
        shape: of its configuration, in transformers' names.
        lora: rank of the adapters on the attention projections; 0 trains everything.
        checkpointing: whether activations are computed again in the backward pass.
        rows, length: of a batch; rows have exactly `length` tokens.
        accumulation: micro-batches an optimizer step.
        dtype: `float32` or `bfloat16`, of the trunk.
        weighting: `upgrad` at the fork, or `sum`.
    """

    name: str
    kind: str
    shape: dict[str, Any] = field(hash=False)
    lora: int = 0
    checkpointing: bool = False
    rows: int = 2
    length: int = 256
    accumulation: int = 1
    dtype: str = "float32"
    weighting: str = "upgrad"

    @property
    def config(self):
        """The network's configuration."""
        return AutoConfig.for_model(self.kind, **self.shape)


def labelled_rows(count: int, length: int, turns: int = 8) -> list[dict]:
    """Examples of exactly `length` byte tokens whose every turn has a label in every field."""
    from datasets import Dataset

    from pixel.data.examples import encode_dataset
    from pixel.data.schema import ROLES, conversation, features
    from pixel.models.labels import FIELDS
    from pixel.training.chat_tokenizer import byte_tokenizer

    def whole(last: int) -> dict:
        messages = [
            {"role": ("user", "assistant")[turn % 2], "content": "so it went"} for turn in range(turns - 1)
        ] + [{"role": ROLES[-1] if turns % 2 == 0 else "user", "content": "a" * last}]
        labels = {
            name: [[0.5] * part.size if part.is_vector else turn % part.size for turn in range(turns)]
            for name, part in FIELDS.items()
        }
        return conversation(messages, id="0", source="random", licence="CC0-1.0", **labels)

    tokenizer = byte_tokenizer()
    fixed = len(encode_dataset(Dataset.from_list([whole(1)], features=features()), tokenizer, 10**6)[0]["input_ids"])
    if length <= fixed:
        raise ValueError(f"a row of {turns} turns has {fixed} tokens already; take a longer length than {length}")
    made = Dataset.from_list([whole(1 + length - fixed)] * count, features=features())
    return encode_dataset(made, tokenizer, length)


def measure(cases: list[Case]) -> list[dict[str, float]]:
    """
    Train cases for three steps each, one after the other, in the process that calls this (see `peaks`).

    Returns:
        bytes, for each: `allocated`, the most that tensors held at once in the third step, by the profiler's record of
        the allocator and the storages alive when it began; `resident`, how far the process grew from before the
        network was built (after a tiny one had been trained, so that libraries are loaded) to the peak of the second
        step.
    """
    torch.set_flush_denormal(True)
    tiny = {"vocab_size": 300, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "head_dim": 8}
    tiny |= {"num_attention_heads": 4, "num_key_value_heads": 2, "num_experts": 4, "num_experts_per_tok": 2}
    tiny |= {"moe_intermediate_size": 16, "max_position_embeddings": 2048}
    train(replace(cases[0], shape=tiny))
    found = []
    for case in cases:
        settle()
        before = resident()
        watch = train(case)
        found.append({"allocated": watch.allocated, "resident": watch.resident - before})
    return found


def highest(profile) -> int:
    """The most bytes above the start that a profile with `profile_memory` saw allocated at once."""
    events = [event for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"]
    now = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        now += event.nbytes()
        most = max(most, now)
    return most


class Watch(TrainerCallback):
    """Reads both peaks while a run goes on."""

    def __init__(self):
        self.profile, self.live, self.allocated, self.resident = None, 0, 0, 0

    def on_step_begin(self, args, state, control, **kwargs):
        if state.global_step == STEPS - 2:
            settle()
            reset_peak()
        if state.global_step == STEPS - 1:
            self.live = live_tensors()[0]
            self.profile = torch.profiler.profile(
                activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True
            ).__enter__()

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == STEPS - 1:
            self.resident = peak()
        if state.global_step == STEPS:
            self.profile.__exit__(None, None, None)
            self.allocated = self.live + highest(self.profile)


def train(case: Case) -> Watch:
    """Three steps of the real trainer on one process, or on the one of several that calls this."""
    from pixel.models import PixelConfig, PixelForCausalLM
    from pixel.training import ModelArguments, PixelTrainer, PixelTrainingArguments
    from pixel.training.chat_tokenizer import byte_tokenizer
    from pixel.training.lora import lora_from_arguments

    watch = Watch()
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
        arguments = PixelTrainingArguments(
            output_dir=folder,
            max_steps=STEPS,
            per_device_train_batch_size=case.rows,
            gradient_accumulation_steps=case.accumulation,
            max_length=case.length,
            packing=False,
            hardware="none",
            use_cpu=True,
            bf16=False,
            dataloader_pin_memory=False,
            gradient_checkpointing=case.checkpointing,
            activation_checkpointing=case.checkpointing,
            learning_rate=1e-5,
            weighting=case.weighting,
            gram_timing="immediate" if case.accumulation == 1 else "previous_step",
            read_only_batches=False,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            logging_steps=1000,
            seed=0,
        )
        torch.manual_seed(0)
        network = PixelForCausalLM(PixelConfig(text_config=case.config)).to(getattr(torch, case.dtype))
        network.heads.float()
        network.pooling.float()
        PixelTrainer(
            network,
            arguments,
            labelled_rows(case.rows * case.accumulation * STEPS * int(os.environ.get("WORLD_SIZE", 1)), case.length),
            processing_class=byte_tokenizer(),
            peft_config=lora_from_arguments(ModelArguments(lora_r=case.lora)) if case.lora else None,
            callbacks=[watch],
        ).train()
    return watch


def peaks(cases: list[Case], threads: int = 1) -> list[dict[str, float]]:
    """
    `measure` of every case, the cases of a network in a process of their own.

    glibc is told to give every block of a mebibyte or more back when it is freed (`MALLOC_MMAP_THRESHOLD_`), or the
    resident set would show what it hoards and not what is in use.
    """
    block = str(2**20)
    given = {"MALLOC_MMAP_THRESHOLD_": block, "MALLOC_TRIM_THRESHOLD_": block, "OMP_NUM_THREADS": str(threads)}
    given |= {"HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    found: dict[int, dict[str, float]] = {}
    try:
        with tqdm(total=len(cases), desc="Peak memory, a process a network") as bar:
            for name in dict.fromkeys(case.name for case in cases):
                places = [place for place, case in enumerate(cases) if case.name == name]
                with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                    measured = pool.submit(measure, [cases[place] for place in places]).result()
                found |= dict(zip(places, measured, strict=True))
                bar.update(len(places))
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    return [found[place] for place in range(len(cases))]
