"""Training on one GPU beside plain TRL on the same packed batches: tokens a second, MFU, attention kernels, ZeRO-3."""

import importlib.util
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import lru_cache, partial
from pathlib import Path
from statistics import median
from typing import Any

import torch
from tqdm.auto import tqdm

from pixel.benchmarks.conversations import labelled_examples
from pixel.benchmarks.speed.ratios import median_ratio
from pixel.benchmarks.speed.runner import Rows, Runner, prepare_rows, real_tokens
from pixel.benchmarks.speed.shapes import DENSE, SPARSE, Shape, largest_that_fits, random_network, release
from pixel.benchmarks.speed.variants import Variant
from pixel.benchmarks.speed.zero3 import zero3_run
from pixel.monitoring.flops import mean_keys, token_flops, training_flops
from pixel.monitoring.mfu import mfu, peak_flops
from pixel.training.chat_tokenizer import byte_tokenizer

UPGRAD = {"weighting": "upgrad", "gram_source": "representation", "document_attention": "never"}
BY_DOCUMENT = UPGRAD | {"document_attention": "always"}
WAYS = {
    "trl sdpa": (Variant("trl sdpa", "TRL, masked SDPA", ours=False), "sdpa"),
    "pixel sdpa": (Variant("pixel sdpa", "Pixel, masked SDPA", options=UPGRAD), "sdpa"),
    "pixel varlen": (Variant("pixel varlen", "Pixel, by document", options=BY_DOCUMENT), "sdpa"),
    "trl flash": (Variant("trl flash", "TRL, flash attention", ours=False), "flash_attention_2"),
    "pixel flash": (Variant("pixel flash", "Pixel, flash attention", options=UPGRAD), "flash_attention_2"),
}
PEERS = {"pixel sdpa": "trl sdpa", "pixel varlen": "trl sdpa", "pixel flash": "trl flash"}


def gpu(
    device: str = "cuda",
    dense: Shape = DENSE,
    sparse: Shape = SPARSE,
    *,
    rounds: int = 10,
    warm_up: int = 3,
    length: int = 4096,
    rows: int = 2,
    seconds: float = 480.0,
    zero3: bool = True,
    output: str | Path | None = None,
    repository: str | Path = ".",
    seed: int = 0,
) -> dict[str, Any]:
    """
    The dense shape trained whole, the sparse one with LoRA, in bfloat16 with five objectives and UPGrad; then ZeRO-3.

    Args:
        device: `cuda`; `cpu` runs the same code, for tests.
        dense: shape trained whole; every way takes a step in each round, in turn.
        sparse: largest mixture of experts to try; layers, then experts are halved until a step fits. One way after
            the other, since two do not fit beside each other.
        rounds: measured steps of every way.
        warm_up: steps before.
        length: tokens of a packed row.
        rows: packed rows a step.
        seconds: no new round begins after so many; what is measured until then counts.
        zero3: also run the recipe under ZeRO-3 on one device, in a process of its own.
        output: JSON file, written after each part.
        repository: where `recipes/` is.
        seed: of weights and rows.

    Returns:
        `device`, and by part the figures of `_part` or why there are none.

    Raises:
        SystemExit: no CUDA device, in one line.
    """
    if device == "cuda" and not torch.cuda.is_available():
        sys.exit("error: no CUDA device here, and this measures one. Mend: run it on a machine with a GPU")
    started = time.monotonic()
    ways, missing = _ways(device)
    done: dict[str, Any] = {"device": torch.cuda.get_device_name() if device == "cuda" else "cpu", "left_out": missing}
    keep = partial(_write, output, done)
    size = {"rounds": rounds, "warm_up": warm_up, "length": length, "rows": rows}
    measure = partial(_part, ways=ways, device=device, seed=seed, **size)
    done["dense"] = measure(dense, lora_rank=0, together=True, until=started + 0.4 * seconds)
    keep()
    fitting = largest_that_fits(
        sparse, partial(_one_step, device=device, length=length, rows=rows, way="pixel sdpa", seed=seed)
    )[0]
    done["sparse"] = measure(fitting, lora_rank=16, together=False, until=started + 0.85 * seconds)
    done["sparse"]["asked_for"] = asdict(sparse)
    keep()
    if zero3:
        left = seconds - (time.monotonic() - started)
        done["zero3"] = zero3_run(Path(repository), timeout=max(60.0, left))
    done["seconds"] = time.monotonic() - started
    keep()
    return done


def _ways(device: str) -> tuple[list[str], dict[str, str]]:
    """What can run here, and why the rest cannot."""
    missing = {}
    if device != "cuda" or importlib.util.find_spec("flash_attn") is None:
        missing = {name: "flash_attn is not installed" for name in WAYS if name.endswith("flash")}
    return [name for name in WAYS if name not in missing], missing


def _runner(shape: Shape, way: str, lora_rank: int, device: str, length: int, rows: int, seed: int) -> Runner:
    variant, attention = WAYS[way]
    if lora_rank:  # of the big network: activations are computed again, in both trainers
        again = {"gradient_checkpointing": True, "gradient_checkpointing_kwargs": {"use_reentrant": False}}
        variant = replace(variant, options=variant.options | again)

    def build(dtype):
        return random_network(shape, device, torch.bfloat16, attention, seed)

    prepared = _rows(length, seed)
    shared = {"lora_rank": lora_rank, "device": device, "same_rows": True, "seed": seed}
    return Runner(variant, build, prepared, length=length, rows=rows, **shared)


@lru_cache(1)
def _rows(length: int, seed: int) -> Rows:
    return prepare_rows(labelled_examples(byte_tokenizer(), min(length, 2048), 200, seed), length, seed)


def _one_step(shape: Shape, *, device: str, length: int, rows: int, way: str, seed: int) -> bool:
    runner = _runner(shape, way, 16, device, length, rows, seed)
    for _ in range(2):  # the optimizer's states come with the first
        runner.step(runner.next_step())
    del runner
    release()
    return True


def _part(
    shape: Shape,
    *,
    ways: Sequence[str],
    device: str,
    rounds: int,
    warm_up: int,
    length: int,
    rows: int,
    lora_rank: int,
    together: bool,
    until: float,
    seed: int,
) -> dict[str, Any]:
    """By way `tokens_per_second`, `seconds` (medians), `mfu`, `peak_gib`, `failed`; `ratio` of step times to TRL's."""
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    rates: dict[str, list[float]] = {way: [] for way in ways}
    peak: dict[str, float] = {}
    failed: dict[str, str] = {}
    trained: dict[str, int] = {}
    work = 0.0
    groups = [list(ways)] if together else [[way] for way in ways]
    for number, group in enumerate(groups):
        end = time.monotonic() + (until - time.monotonic()) / (len(groups) - number)
        runners = {}
        for way in group:
            try:
                runners[way] = _runner(shape, way, lora_rank, device, length, rows, seed)
                runners[way].step(runners[way].next_step())
            except (RuntimeError, ValueError, ImportError, TypeError) as error:  # a kernel that is not for this device
                failed[way] = f"{type(error).__name__}: {str(error)[:300]}"
                runners.pop(way, None)
                release()
        group = list(runners)
        if not group:
            continue
        if device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        for step in tqdm(range(rounds + warm_up), desc=f"Steps of {', '.join(group)}"):
            if step > warm_up + 2 and time.monotonic() > end:
                break
            first = step % len(group)
            for way in group[first:] + group[:first]:
                batches = runners[way].next_step()
                took = runners[way].step(batches)
                if step >= warm_up:
                    seconds[way].append(took)
                    rates[way].append(real_tokens(batches) / took)
                    work = work or _flops(shape, batches, lora_rank)
        peak[", ".join(group)] = torch.cuda.max_memory_allocated() / 2**30 if device == "cuda" else 0.0
        for way, runner in runners.items():
            trained[way] = sum(p.numel() for p in runner.model.parameters() if p.requires_grad)
        del runners, runner
        release()
    best = peak_flops(torch.cuda.get_device_name(), "bfloat16") if device == "cuda" else None
    ways = [way for way in ways if rates[way]]
    speed = {way: median(rates[way]) for way in ways}
    pairs = {ours: theirs for ours, theirs in PEERS.items() if ours in ways and theirs in ways}
    shortest = {pair: min(len(seconds[pair]), len(seconds[pairs[pair]])) for pair in pairs}
    return {
        "shape": asdict(shape),
        "trained_weights": trained,
        "tokens_per_second": speed,
        "seconds": {way: median(seconds[way]) for way in ways},
        "failed": failed,
        "mfu": {way: mfu(work * rate, best) for way, rate in speed.items()},
        "peak_gib": peak,
        "ratio": {
            ours: median_ratio(seconds[ours][: shortest[ours]], seconds[theirs][: shortest[ours]], seed)
            for ours, theirs in pairs.items()
        },
        "batch": {"rows": rows, "length": length, "interleaved": together},
    }


def _flops(shape: Shape, batches: Sequence[Sequence[dict]], lora_rank: int) -> float:
    """Model FLOPs a token of a step; adapters and heads, below a percent, are not counted."""
    documents = [length for batch in batches for row in batch for length in document_lengths(row["position_ids"])]
    learned = sum(label != -100 for batch in batches for row in batch for label in row["labels"])
    share = learned / real_tokens(batches)
    return training_flops(token_flops(shape.config(), mean_keys(documents), lm_head_share=share), frozen=lora_rank > 0)


def document_lengths(position_ids: Sequence[int]) -> list[int]:
    """Of the conversations of a packed row, from positions that restart."""
    starts = [place for place, position in enumerate(position_ids) if position == 0] + [len(position_ids)]
    return [after - before for before, after in zip(starts, starts[1:], strict=False)]


def _write(output: str | Path | None, done: dict[str, Any]) -> None:
    if output is not None:
        Path(output).write_text(json.dumps(done, indent=2) + "\n")
