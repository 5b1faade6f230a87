"""Runs that are interrupted at a step, and how to tell whether they ended as the unbroken one."""

import torch
from transformers import TrainerCallback

from tests.training.parts import parameters

STEPS = {
    "max_steps": 6, "per_device_train_batch_size": 4, "optim": "adamw_torch", "learning_rate": 1e-2,
    "save_strategy": "steps", "save_steps": 2, "train_sampling_strategy": "random", "lr_scheduler_type": "linear",
}  # fmt: skip
VARIES = {"train_runtime", "train_samples_per_second", "train_steps_per_second", "train_loss", "total_flos"}


def log_of(trainer) -> list[dict]:
    return [{k: v for k, v in entry.items() if k not in VARIES} for entry in trainer.state.log_history]


def same(trainer, other) -> bool:
    mine, others = parameters(trainer), parameters(other)
    return mine.keys() == others.keys() and all(torch.equal(mine[name], others[name]) for name in mine)


class At(TrainerCallback):
    """Does something at the end of a step."""

    def __init__(self, step: int, what):
        self.step, self.what = step, what

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == self.step:
            self.what()
