"""How far a plan's peak is from the measured one, on small models of several shapes."""

from statistics import mean
from typing import Any

from pixel.benchmarks.peak_memory import Case, peaks
from pixel.planning import Architecture, Heads, Setup, memory, read_hardware

MIB = 2**20
_HEADS = {"head_dim": 64, "max_position_embeddings": 2048}

MODELS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "SmolLM2-135M": ("llama", "float32", {
        "vocab_size": 49152, "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30,
        "num_attention_heads": 9, "num_key_value_heads": 3, "tie_word_embeddings": True,
    }),
    "Llama 58M": ("llama", "float32", {
        "vocab_size": 32000, "hidden_size": 512, "intermediate_size": 1408, "num_hidden_layers": 8,
        "num_attention_heads": 8, "num_key_value_heads": 8, "tie_word_embeddings": False,
    }),
    "Qwen3 77M, bf16": ("qwen3", "bfloat16", {
        "vocab_size": 49152, "hidden_size": 640, "intermediate_size": 1920, "num_hidden_layers": 10,
        "num_attention_heads": 10, "num_key_value_heads": 5, "tie_word_embeddings": True,
    }),
    "Qwen3-MoE 70M, 4 of 16": ("qwen3_moe", "float32", {
        "vocab_size": 32000, "hidden_size": 384, "intermediate_size": 1024, "num_hidden_layers": 6,
        "num_attention_heads": 6, "num_key_value_heads": 2, "tie_word_embeddings": False, "num_experts": 16,
        "num_experts_per_tok": 4, "moe_intermediate_size": 384,
    }),
    "Qwen3-MoE 122M, 8 of 64": ("qwen3_moe", "float32", {
        "vocab_size": 16384, "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 5,
        "num_attention_heads": 16, "num_key_value_heads": 4, "tie_word_embeddings": True, "num_experts": 64,
        "num_experts_per_tok": 8, "moe_intermediate_size": 224,
    }),
}  # fmt: skip
"""Name -> kind, dtype and shape, random weights. None of them served to find a figure of the planner."""

VARIANTS: tuple[dict[str, Any], ...] = (
    {"lora": 0, "checkpointing": False, "length": 256, "weighting": "upgrad"},
    {"lora": 0, "checkpointing": True, "length": 512, "weighting": "sum"},
    {"lora": 16, "checkpointing": False, "length": 512, "weighting": "upgrad"},
    {"lora": 16, "checkpointing": True, "length": 256, "weighting": "sum"},
)
"""How each is trained: everything or adapters, activations kept or computed again, two lengths, fork on and plain."""


def cases(rows: int = 2) -> list[Case]:
    """Every model in every variant."""
    return [
        Case(name, kind, _HEADS | shape, rows=rows, dtype=dtype, **variant)
        for name, (kind, dtype, shape) in MODELS.items()
        for variant in VARIANTS
    ]


def planned(case: Case) -> Setup:
    """The plan's view of a case: what a user would give `recipes/plan.py`."""
    return Setup(
        architecture=Architecture.from_config({"model_type": case.kind, **case.shape}, case.name),
        machines=read_hardware("cpu"),
        heads=Heads(),
        lora_rank=case.lora,
        dtype=case.dtype,
        bf16=False,
        rows=case.rows,
        length=case.length,
        accumulation=case.accumulation,
        turns=8,
        checkpointing=case.checkpointing,
        packed=False,
    )


def compare(case: Case, measured: dict[str, float]) -> dict[str, Any]:
    """One row of the table: planned and measured mebibytes, and the plan's error as a share of what was measured."""
    plan = memory(planned(case))
    row = {
        "model": case.name,
        "trained": f"LoRA {case.lora}" if case.lora else "all",
        "checkpointing": case.checkpointing,
        "length": case.length,
        "fork": case.weighting,
        "planned_mib": plan.allocated / MIB,
        "at": plan.peak.name,
    }
    for name in ("allocated", "resident"):
        row[f"{name}_mib"] = measured[name] / MIB
        row[f"{name}_error"] = plan.allocated / measured[name] - 1
    return row


def plan_error(threads: int = 1, rows: int = 2, only: list[str] | None = None) -> dict[str, Any]:
    """
    Measure every case and plan it.

    Two figures are measured: `allocated`, what tensors hold at the peak (what `torch.cuda.max_memory_allocated` is on
    a GPU, and what a plan is about), and `resident`, how far the process grew, which adds what libraries take and
    leaves out pages that were never touched.

    Args:
        threads: of each measured process.
        rows: of a batch.
        only: names of models; all by default.

    Returns:
        `rows`, and of each figure the `largest` and the `mean` absolute error, as shares.
    """
    chosen = [case for case in cases(rows) if only is None or case.name in only]
    return summary([compare(case, measured) for case, measured in zip(chosen, peaks(chosen, threads), strict=True)])


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The largest and the mean absolute error over the rows, with the rows."""
    errors = {name: [abs(row[f"{name}_error"]) for row in rows] for name in ("allocated", "resident")}
    return {
        "largest": {name: max(values) for name, values in errors.items()},
        "mean": {name: mean(values) for name, values in errors.items()},
        "rows": rows,
    }
