"""Two processes train a tiny mixture of experts as one process does: DDP, ZeRO-2, ZeRO-3, FSDP2; full and LoRA."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor
from tqdm.auto import tqdm

from pixel.benchmarks.distributed.all_fields import rows_of_all_fields
from pixel.benchmarks.distributed.launching import Outcome, launch
from pixel.benchmarks.distributed.ranks_worker import READ, said_of
from pixel.checkpoints import CheckpointError
from pixel.data.collator import PixelCollator
from pixel.data.examples import encode_dataset
from pixel.metrics.table import markdown
from pixel.models import PixelForCausalLM
from pixel.models.labels import FIELDS
from pixel.training import ModelArguments, load_pixel
from pixel.training.chat_tokenizer import load_tokenizer
from pixel.training.consolidating import consolidate

WAYS = {
    "ddp": ("ddp", "MULTI_CPU", "whole"),
    "zero2": ("zero2", "DEEPSPEED stage 2", "whole"),
    "zero3": ("zero3_cpu", "DEEPSPEED stage 3", "ZeRO-3 shard"),
    "fsdp2": ("fsdp2_cpu", "FSDP", "DTensor"),
}
"""By name: the launcher's configuration, the type that must run, what its parameters must be."""

TOLERANCE = 1e-3
"""
Largest difference of any parameter after the run, as a share of the largest movement of any parameter. `CONTROL` is
the yardstick: over 20 steps (seed 0) one process that takes each step in two halves ends 1.9e-4 (full) and 2.2e-5
(LoRA) from the one that takes it whole, and two processes of DDP (full) end bitwise where it does. Halves add float32
in another order, and each balances its own tokens over the experts; AdamW divides by the gradient's own size, so that
a weight whose gradient nearly cancels keeps less of it. Training on the rows of one rank alone ends 1.9 away. A common
factor on all gradients does not show under AdamW: tests/training/test_ranks.py compares steps of SGD.
"""
CONTROL = "one process, two halves"
"""The yardstick: the same step as two micro-batches of one process, where nothing can go wrong between processes."""
ROWS = 16
"""Rows of a step, over all processes."""


def rank_equality(
    folder: Path,
    ways: Iterable[str] = tuple(WAYS),
    adaptations: Iterable[str] = ("full", "lora"),
    steps: int = 20,
    seed: int = 0,
    **options: Any,
) -> list[dict[str, Any]]:
    """
    Train a tiny Qwen3-MoE with every head and UPGrad on two CPU processes, beside one process on the same rows; save
    halfway, resume in new processes, and load the model folder again.

    Args:
        folder: to write to.
        ways: of `WAYS`.
        adaptations: `full`, `lora`.
        steps: optimizer steps; a checkpoint after half of them.
        seed: of the network.
        options: further training arguments.

    Returns:
        for each adaptation and way, and first for `CONTROL`, one process that takes each step in two halves: `type`,
        `processes`, `parameters_are`, `fields` (labelled and trained), `moved` (the largest movement of a parameter),
        `apart` (largest absolute difference to one process), `share` (of `moved`), `share_l2` (the same of Euclidean
        distances over all parameters), `same` (`share` at most `TOLERANCE`). For each way also `control_share` (as
        `share`, beside the control, which sees the same halves), `resumed_apart` (unbroken against resumed run),
        `reloaded_apart` (logits and read-outs of the loaded model folder, adapters merged, against those of the
        network in memory), `consolidated_apart` (likewise of the last checkpoint, made into a folder by one process;
        `None` where that is refused).

    Raises:
        RuntimeError: a launch failed, or ran as something else than it should.
    """
    start = folder / "start"
    torch.manual_seed(seed)
    tokenizer, network = load_pixel(
        ModelArguments(
            model_name_or_path="tiny:qwen3_moe", model_dtype="float32", head_dropout=0.0, head_hidden_size=16
        )
    )
    network.save_pretrained(start)
    tokenizer.save_pretrained(start)
    common = {
        "start": str(start), "max_steps": steps, "save_steps": max(steps // 2, 1), "weighting": "upgrad",
        "gram_timing": "previous_step", "learning_rate": 1e-3, "lr_scheduler_type": "linear", "max_grad_norm": 1.0,
    } | options  # fmt: skip
    rows, ways, adaptations = [], list(ways), list(adaptations)
    progress = tqdm(total=len(adaptations) * (2 + 2 * len(ways)), desc="Launches")
    for adaptation in adaptations:
        place, given = folder / adaptation, common | {"adapters": adaptation == "lora"}
        alone = launch("cpu", 1, place / "one", rows_per_device=ROWS, resume=None, **given)
        begin = load_file(alone.folder / "begin.safetensors")
        progress.update()
        halves = launch(
            "cpu", 1, place / "halves", rows_per_device=ROWS // 2, gradient_accumulation_steps=2, resume=None, **given
        )  # fmt: skip
        rows.append(
            {"way": CONTROL, "adaptation": adaptation, **facts_of(halves)}
            | compare(alone.parameters, halves.parameters, begin)
        )
        progress.update()
        for way in ways:
            config, *expected = WAYS[way]
            whole_run = launch(config, 2, place / way, rows_per_device=ROWS // 2, resume=None, **given)
            require(whole_run, way, *expected)
            progress.update()
            half = place / way / "run" / f"checkpoint-{given['save_steps']}"
            resumed = launch(config, 2, place / f"{way}_resumed", rows_per_device=ROWS // 2, resume=str(half), **given)
            progress.update()
            rows.append(
                {"way": way, "adaptation": adaptation, **facts_of(whole_run)}
                | compare(alone.parameters, whole_run.parameters, begin)
                | {
                    "control_share": compare(halves.parameters, whole_run.parameters, begin)["share"],
                    "resumed_apart": apart(whole_run.parameters, resumed.parameters),
                    "reloaded_apart": apart(whole_run.answers, answers_of(whole_run.folder / "model")),
                    "consolidated_apart": consolidated_apart(whole_run, steps, start),
                }
            )
    progress.close()
    return rows


def require(run: Outcome, way: str, kind: str, parameters: str) -> None:
    """
    Raises:
        RuntimeError: not the type, number of processes or sharding that was asked for, or a field nobody labelled.
    """
    for rank in run.ranks:
        is_what = rank["parameters_are"].partition(": ")[2]
        if (rank["type"], rank["processes"], is_what) != (kind, 2, parameters):
            raise RuntimeError(
                f"{way} ran as {rank['type']} in {rank['processes']} processes with parameters {is_what}, "
                f"not as {kind} in 2 with {parameters}"
            )
        if missing := FIELDS.keys() - rank["fields"]:
            raise RuntimeError(f"{way}: no loss of {', '.join(sorted(missing))}")


def facts_of(run: Outcome) -> dict[str, Any]:
    """What the first process said of itself."""
    first = run.ranks[0]
    return {key: first[key] for key in ("type", "processes", "parameters_are", "steps")} | {
        "fields": len(first["fields"])
    }


def compare(expected: dict[str, Tensor], found: dict[str, Tensor], begin: dict[str, Tensor]) -> dict[str, Any]:
    """`moved`, `apart`, `share`, `share_l2`, `same`: see [`rank_equality`]."""
    moved, difference = apart(expected, begin), apart(expected, found)
    share = difference / moved if moved else float("inf")
    whole = distance(expected, found) / distance(expected, begin) if moved else float("inf")
    return {"moved": moved, "apart": difference, "share": share, "share_l2": whole, "same": share <= TOLERANCE}


def distance(one: dict[str, Tensor], other: dict[str, Tensor]) -> float:
    """Euclidean distance over all parameters."""
    return sum((one[name].double() - other[name].double()).square().sum().item() for name in one) ** 0.5


def apart(one: dict[str, Tensor], other: dict[str, Tensor]) -> float:
    """
    Largest absolute difference over all tensors.

    Raises:
        RuntimeError: not the same names.
    """
    if one.keys() != other.keys():
        raise RuntimeError(f"different names: {sorted(one.keys() ^ other.keys())[:5]}")
    return max((one[name].double() - other[name].double()).abs().max().item() for name in one)


def consolidated_apart(run: Outcome, step: int, start: Path) -> float | None:
    """The last checkpoint as a model folder, beside the network in memory; `None` where consolidating refuses it."""
    made = run.folder / "consolidated"
    try:
        consolidate(run.folder / "run" / f"checkpoint-{step}", made, base=str(start))
    except CheckpointError as error:
        print(f"not consolidated: {error}", flush=True)
        return None
    return apart(run.answers, answers_of(made, start))


def answers_of(model: Path, tokenizer_of: Path | None = None) -> dict[str, Tensor]:
    """What the loaded model folder says of the rows that the worker read."""
    tokenizer = load_tokenizer(tokenizer_of or model)
    examples = encode_dataset(rows_of_all_fields(), tokenizer, 256)
    batch = PixelCollator(tokenizer.pad_token_id)([examples[row] for row in range(READ)])
    return said_of(PixelForCausalLM.from_pretrained(model).eval(), batch)


def rank_equality_markdown(rows: list[dict[str, Any]]) -> str:
    """The rows as a table."""
    head = [
        "run", "ran as", "processes", "fields", "moved", "apart from one process", "share", "L2 share",
        "share beside the control", "resumed", "reloaded", "consolidated",
    ]  # fmt: skip
    return markdown(head, [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> list[Any]:
    cells = [
        f"{row['way']} {row['adaptation']}", f"{row['type']}, {row['parameters_are']}", row["processes"],
        row["fields"], f"{row['moved']:.2e}", f"{row['apart']:.2e}", f"{row['share']:.1e}", f"{row['share_l2']:.1e}",
    ]  # fmt: skip
    if row["way"] == CONTROL:
        return [*cells, *["-"] * 4]
    return [
        *cells,
        f"{row['control_share']:.1e}",
        "bitwise" if row["resumed_apart"] == 0 else f"{row['resumed_apart']:.1e}",
        f"{row['reloaded_apart']:.1e}",
        "refused" if row["consolidated_apart"] is None else f"{row['consolidated_apart']:.1e}",
    ]
