"""
Peak memory of every rank under ZeRO-3 on CPU processes, beside the plan for it.

`peak_sharded` launches this file as a module on each rank.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pixel.benchmarks.distributed.launching import surroundings
from pixel.benchmarks.peak_memory import Case, train
from pixel.benchmarks.plan_error import MIB, planned
from pixel.monitoring.memory.live import live_tensors
from pixel.planning import memory, read_hardware
from pixel.planning.run_config import launch_options

BUCKETS = {
    "reduce_bucket_size": 2_000_000,
    "stage3_prefetch_bucket_size": 1_000_000,
    "stage3_max_live_parameters": 1_000_000_000,
    "stage3_param_persistence_threshold": 0,
}
"""DeepSpeed's buffers in elements: its own default for the first, 5e8, would hide a small network behind 2 GB."""

CASE = Case(
    "Llama 17M",
    "llama",
    {
        "vocab_size": 8000, "hidden_size": 384, "intermediate_size": 1024, "num_hidden_layers": 6,
        "num_attention_heads": 6, "num_key_value_heads": 3, "head_dim": 64, "tie_word_embeddings": False,
        "max_position_embeddings": 1024,
    },
    rows=1,
    checkpointing=True,
)  # fmt: skip


def peak_sharded(case: Case = CASE, processes: int = 2, timeout: float = 900) -> dict[str, Any]:
    """
    Train a case under ZeRO-3 and compare every rank's peak with the plan.

    Needs DeepSpeed, and a folder for its extensions in `TORCH_EXTENSIONS_DIR`.

    Returns:
        `planned_mib`, and `ranks`: for each, `allocated_mib`, `error` (of the plan, a share) and `standing_mib` (what
        lies between steps).
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config: dict[str, Any] = {"distributed_type": "DEEPSPEED", "num_processes": processes}
        config |= {"use_cpu": True, "main_process_port": 0, "machine_rank": 0, "num_machines": 1}
        config["deepspeed_config"] = {
            "deepspeed_config_file": str(folder / "deepspeed.json"),
            "zero3_init_flag": False,
            "deepspeed_multinode_launcher": "standard",
        }
        zero = {"stage": 3, "stage3_gather_16bit_weights_on_model_save": True, **BUCKETS}
        auto = ("train_micro_batch_size_per_gpu", "train_batch_size", "gradient_accumulation_steps")
        deepspeed = {"zero_optimization": zero, "gradient_clipping": "auto", **dict.fromkeys(auto, "auto")}
        for file, said in (("accelerate.json", config), ("deepspeed.json", deepspeed), ("case.json", asdict(case))):
            (folder / file).write_text(json.dumps(said))
        plan = memory(
            replace(
                planned(case),
                machines=replace(read_hardware("cpu"), per_node=processes),
                **launch_options(config, replace(read_hardware("cpu"), per_node=processes)),
            )
        )
        command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", folder / "accelerate.json"]
        command += ["--module", "pixel.benchmarks.peak_sharded", folder]
        done = subprocess.run(command, env=surroundings(), timeout=timeout, capture_output=True, text=True)
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if "Error: " in line] or done.stderr.splitlines()[-3:]
            raise RuntimeError(f"the launch failed: {' / '.join(said[:3])}")
        ranks = [json.loads((folder / f"rank{rank}.json").read_text()) for rank in range(processes)]
    return {
        "planned_mib": plan.allocated / MIB,
        "at": plan.peak.name,
        "ranks": [
            {
                "allocated_mib": rank["allocated"] / MIB,
                "error": plan.allocated / rank["allocated"] - 1,
                "standing_mib": rank["live"] / MIB,
            }
            for rank in ranks
        ],
    }


def _rank(folder: Path) -> None:
    case = Case(**json.loads((folder / "case.json").read_text()))
    watch = train(case)
    said = {"allocated": watch.allocated, "live": watch.live, "after": live_tensors()[0]}
    (folder / f"rank{os.environ['RANK']}.json").write_text(json.dumps(said))


if __name__ == "__main__":
    _rank(Path(sys.argv[1]))
