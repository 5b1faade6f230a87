"""
What `accelerate launch` runs in `test_checkpoint_ranks`: runs that are interrupted, spoiled and resumed.

    accelerate launch ... tests/training/checkpoint_launched.py FOLDER KIND

Rank 0 writes FOLDER/unbroken.safetensors and FOLDER/resumed.safetensors, every rank FOLDER/rank{N}.json.
"""

import json
import os
import signal
import sys
from pathlib import Path

import torch
from accelerate.utils import extract_model_from_parallel
from safetensors.torch import save_file
from transformers import TrainerCallback

from tests.training.parts import tiny_network, trainer_for

STEPS = {
    "max_steps": 5, "per_device_train_batch_size": 4, "optim": "adamw_torch", "learning_rate": 1e-2,
    "max_grad_norm": 1.0, "save_strategy": "steps", "save_steps": 2, "use_cpu": True,
    "save_on_signal": True,
}  # fmt: skip


def whole(parameter: torch.Tensor) -> torch.Tensor:
    """A parameter, gathered where ZeRO-3 has split it. Every rank must call it."""
    if not hasattr(parameter, "ds_id"):
        return parameter.detach().clone()
    import deepspeed

    with deepspeed.zero.GatheredParameters([parameter]):
        return parameter.detach().clone()


class At(TrainerCallback):
    def __init__(self, step: int, what):
        self.step, self.what = step, what

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == self.step:
            self.what()


def trainer_on(folder: Path, kind: str):
    return trainer_for(folder, network=tiny_network(kind), **STEPS)


def keep(trainer, file: Path) -> None:
    model = extract_model_from_parallel(trainer.model_wrapped)
    found = {name: whole(p).contiguous() for name, p in model.named_parameters() if p.requires_grad}
    if trainer.args.process_index == 0:
        save_file(found, file)


def spoil(trainer) -> None:
    """The second process cannot write any more: neither its random states nor, under DeepSpeed, its shard."""

    def refuse(*args, **kwargs):
        raise OSError(28, "No space left on device")

    if trainer.args.process_index == 1:
        trainer._save_rng_state = refuse
        if trainer.is_deepspeed_enabled:
            trainer.model_wrapped.checkpoint_engine.save = refuse


def mend(trainer) -> None:
    if trainer.args.process_index == 1:
        del trainer._save_rng_state
        if trainer.is_deepspeed_enabled:
            del trainer.model_wrapped.checkpoint_engine.save


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if "checkpoint" in path.name)


def main(folder: Path, kind: str) -> None:
    unbroken = trainer_on(folder / "unbroken", kind)
    unbroken.train()
    keep(unbroken, folder / "unbroken.safetensors")
    rank = unbroken.args.process_index

    run = trainer_on(folder / "run", kind)
    run.add_callback(At(1, lambda: spoil(run)))

    class Mend(TrainerCallback):
        def on_step_begin(self, args, state, control, **kwargs):
            if state.global_step == 2:
                mend(run)

    run.add_callback(Mend())
    told = At(3, lambda: rank == 1 and os.kill(os.getpid(), signal.SIGTERM))  # one of them only
    run.callback_handler.callbacks.insert(0, told)
    run.train()
    facts = {
        "stopped_at": run.state.global_step, "preempted": run.preempted, "reason": run.stop_on_request.reason,
        "alerts": [[alert.kind, alert.step, alert.message] for alert in run.alerts.sent],
        "after_stop": names(folder / "run"),
    }  # fmt: skip

    resumed = trainer_on(folder / "run", kind)
    resumed.train(resume_from_checkpoint="auto")
    keep(resumed, folder / "resumed.safetensors")
    facts |= {"ended_at": resumed.state.global_step, "after_end": names(folder / "run")}
    (folder / f"rank{rank}.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]), sys.argv[2])
