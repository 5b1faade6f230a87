"""
What `accelerate launch` runs in `test_ranks`: trains on the fixed sixteen rows and leaves what came out.

    accelerate launch ... tests/training/launched.py FOLDER KIND ADAPTERS OPTIONS_AS_JSON

Rank 0 writes FOLDER/parameters.safetensors (trainable ones), every rank FOLDER/rank{N}.json.
"""

import json
import sys
from pathlib import Path

import torch
from accelerate.utils import extract_model_from_parallel
from safetensors.torch import save_file

from pixel.training.whole_weights import full, whole
from tests.training.parts import trainer_for


def gathered(parameter: torch.Tensor) -> torch.Tensor:
    """A parameter, whole. Every rank must call it."""
    with whole([parameter]):
        return full(parameter).detach().clone()


def main(folder: Path, kind: str, adapters: bool, options: dict) -> None:
    trainer = trainer_for(folder / "run", kind, adapters=adapters, **options)
    trainer.train()
    model = extract_model_from_parallel(trainer.model_wrapped)
    parts = sorted({type(p).__name__ for p in model.parameters()})
    found = {name: gathered(p).contiguous() for name, p in model.named_parameters() if p.requires_grad}
    rank = trainer.accelerator.process_index
    if rank == 0:
        save_file(found, folder / "parameters.safetensors")
    facts = {
        "log": trainer.state.log_history,
        "weights": trainer.balancer.weights.tolist(),
        "processes": trainer.accelerator.num_processes,
        "sharded": trainer.is_deepspeed_enabled and trainer.accelerator.state.deepspeed_plugin.zero_stage == 3,
        "parts": parts,
        "leaves": [name for name, module in model.named_modules() if getattr(module, "_z3_leaf", False)],
        "type": trainer.accelerator.distributed_type.value,
        "may_read_only": trainer._may_read_only,
        "probes": trainer.balancer.probe_log.gram.tolist() if trainer.balancer.probe_log.gram is not None else None,
    }
    (folder / f"rank{rank}.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "True", json.loads(sys.argv[4]))
