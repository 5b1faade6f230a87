"""Latency, throughput and memory of every head and component, and the parts' sum beside the whole step."""

import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import torch
from tqdm.auto import tqdm

from pixel.benchmarks.component_parts import Part, network_parts
from pixel.benchmarks.conversations import batches_of, labelled_examples, tokens_in
from pixel.benchmarks.stepping import Stepper, build_trainer, device_name, model_arguments
from pixel.checkpoints.manifest import seal, verify
from pixel.data.examples import encode_row
from pixel.data.packing import best_fit, pack_examples
from pixel.data.seed import load_seed
from pixel.monitoring.memory.components import stored
from pixel.training.loading import load_pixel


def components(
    model: str,
    repeats: int = 8,
    batch_size: int = 2,
    length: int = 256,
    warm_up: int = 2,
    rank: int = 16,
    conversations: int = 50,
    seed: int = 0,
) -> dict[str, Any]:
    """
    Run each part alone on the same batch, forward and backward, round after round, and whole steps in between.

    A part that contains another (the whole trunk) stands with the other's time of the same round taken off. What runs
    once a step adds up; what data workers do, and checkpoints, stand below.

    Args:
        model: Hub id, folder, `embedded:smollm2` or `tiny:llama`.
        repeats: rounds that count.
        batch_size, length: rows a batch, tokens a row at most.
        warm_up: rounds that do not.
        rank: of LoRA; 0 trains everything.
        conversations: of the seed corpus, for encoding and packing.
        seed: of batches and random weights.

    Returns:
        `parts`: a row a part with `forward_ms`, `backward_ms`, their `total_ms` with `low_ms` and `high_ms` (deciles),
        `per_second` in `unit`, `saved_mib` (kept for the backward pass) and whether it is `in_step`;
        `step_ms`, `sum_ms`, `covered` (median over the rounds of sum over step, with `low` and `high`), and more.
    """
    arguments = model_arguments(model, rank)
    tokenizer, network = load_pixel(arguments)
    del network
    examples = labelled_examples(tokenizer, length, batch_size * 4, seed)
    rows = batches_of(examples, batch_size, 1)[0]
    stepper = Stepper(build_trainer("upgrad", arguments, examples, batch_size, length, seed))
    trainer, device = stepper.trainer, stepper.device
    stepper.step(rows)  # the optimizer has its states from here on
    batch = {name: value.to(device) for name, value in stepper.collate(rows).items()}
    stepper.model.train()
    parts = [
        *network_parts(stepper, batch),
        *_step_parts(stepper),
        *_data_parts(tokenizer, rows, trainer, conversations),
    ]
    weights = {parameter.untyped_storage().data_ptr() for parameter in stepper.model.parameters()}
    taken: dict[str, list[tuple[float, float]]] = {part.name: [] for part in parts}
    saved, steps = {}, []
    for turn in tqdm(range(warm_up + repeats), desc="Rounds of all components"):
        seconds = stepper.step(rows)
        if turn >= warm_up:
            steps.append(seconds)
        for part in parts:
            if part.name == "optimizer step":
                _gradients(stepper)
            both, kept = _measure(part, device, count=turn == 0)
            if turn == 0:
                saved[part.name] = stored(t for t in kept if t.untyped_storage().data_ptr() not in weights)
            if turn >= warm_up:
                taken[part.name].append(both)
        stepper.optimizer.zero_grad()
    said = [_row(part, taken, saved) for part in parts]
    sums = [
        sum(_net(part, taken, turn)[0] + _net(part, taken, turn)[1] for part in parts if part.in_step)
        for turn in range(repeats)
    ]
    shares = sorted(part / step for part, step in zip(sums, steps, strict=True))
    said += _checkpoints(trainer, repeats=min(repeats, 3))
    return {
        "parts": said,
        "step_ms": _ms(median(steps)),
        "sum_ms": _ms(median(sums)),
        "covered": {"median": round(median(shares), 3), "low": round(shares[0], 3), "high": round(shares[-1], 3)},
        "tokens": tokens_in(rows),
        "rounds": repeats,
        "lora_rank": rank,
        "device": device_name(),
        "model": model,
    }


def _step_parts(stepper: Stepper) -> list[Part]:
    trainer = stepper.trainer

    def clip() -> list:
        trainer.accelerator.clip_grad_norm_(stepper.model.parameters(), trainer.args.max_grad_norm)
        return []

    def optimizer() -> list:
        stepper.optimizer.step()
        return []

    return [Part("gradient norm and clipping", clip, 1, "steps"), Part("optimizer step", optimizer, 1, "steps")]


def _data_parts(tokenizer, rows: list[dict], trainer, conversations: int) -> list[Part]:
    raw = list(load_seed(0.0)["train"].select(range(conversations)))
    encoded = [example for row in raw for example in encode_row(row, tokenizer, trainer.args.max_length)]
    lengths = [len(example["input_ids"]) for example in encoded]
    tokens = sum(lengths)

    def encode() -> list:
        for row in raw:
            list(encode_row(row, tokenizer, trainer.args.max_length))
        return []

    def pack() -> list:
        for group in best_fit(lengths, trainer.args.max_length):
            pack_examples([encoded[index] for index in group])
        return []

    def collate() -> list:
        trainer.data_collator(rows)
        return []

    return [
        Part("collator", collate, len(rows), "rows", in_step=False),
        Part("encoding of conversations", encode, tokens, "tokens", in_step=False),
        Part("packing", pack, tokens, "tokens", in_step=False),
    ]


def _gradients(stepper: Stepper) -> None:
    for parameter in stepper.model.parameters():
        if parameter.requires_grad and parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)


def _measure(part: Part, device: torch.device, count: bool) -> tuple[tuple[float, float], list[torch.Tensor]]:
    """(seconds forward, seconds backward), and what autograd kept in between, where it is counted."""
    kept: list[torch.Tensor] = []
    _wait(device)
    started = time.perf_counter()
    if count:
        with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
            outputs = part.run()
    else:
        outputs = part.run()
    _wait(device)
    middle = time.perf_counter()
    outputs = [output for output in outputs if output.requires_grad]
    if outputs:
        gradients = [torch.ones_like(output) for output in outputs]
        _wait(device)
        ready = time.perf_counter()
        torch.autograd.backward(outputs, gradients)
        _wait(device)
        backward = time.perf_counter() - ready
    else:
        backward = 0.0
    return (middle - started, backward), kept


def _net(part: Part, taken: dict[str, list[tuple[float, float]]], turn: int) -> tuple[float, float]:
    forward, backward = taken[part.name][turn]
    if part.minus is not None:
        forward -= taken[part.minus][turn][0]
        backward -= taken[part.minus][turn][1]
    return max(forward, 0.0), max(backward, 0.0)


def _row(part: Part, taken: dict, saved: dict[str, int]) -> dict[str, Any]:
    times = [_net(part, taken, turn) for turn in range(len(taken[part.name]))]
    totals = [forward + backward for forward, backward in times]
    low, *_, high = quantiles(totals, n=10, method="inclusive") if len(totals) > 1 else (totals[0], totals[0])
    size = saved[part.name] - (saved[part.minus] if part.minus else 0)
    return {
        "part": part.name,
        "forward_ms": _ms(median(forward for forward, _ in times)),
        "backward_ms": _ms(median(backward for _, backward in times)),
        "total_ms": _ms(median(totals)),
        "low_ms": _ms(low),
        "high_ms": _ms(high),
        "per_second": round(part.units / max(median(totals), 1e-9), 1),
        "unit": part.unit,
        "saved_mib": round(max(size, 0) / 2**20, 3),
        "in_step": part.in_step,
    }


def _checkpoints(trainer, repeats: int) -> list[dict[str, Any]]:
    """Saving the model, sealing the folder with its hashes, and verifying it."""
    times: dict[str, list[float]] = {"save the model": [], "seal": [], "verify": []}
    size = 0
    for turn in range(repeats):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / f"checkpoint-{turn + 1}"
            marks = [time.perf_counter()]
            trainer.save_model(str(folder))
            marks.append(time.perf_counter())
            seal(folder, turn + 1)
            marks.append(time.perf_counter())
            verdict = verify(folder)
            marks.append(time.perf_counter())
            if not verdict.valid:
                raise RuntimeError(f"a checkpoint that was just written is not valid: {verdict.problems}")
            for found, first, second in zip(times.values(), marks, marks[1:], strict=False):
                found.append(second - first)
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return [
        {
            "part": f"checkpoint: {name}",
            "total_ms": _ms(median(found)), "low_ms": _ms(min(found)), "high_ms": _ms(max(found)),
            "per_second": round(size / 2**20 / max(median(found), 1e-9), 1), "unit": "MiB", "in_step": False,
        }
        for name, found in times.items()
    ]  # fmt: skip


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 3)
