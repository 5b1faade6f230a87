"""Trains in a folder with every tracker and, on request, dies after a step: `kill_run.py FOLDER [DIE_AFTER]`."""

import os
import signal
import sys
from pathlib import Path

from transformers import TrainerCallback

from tests.training.parts import trainer_for


class Die(TrainerCallback):
    def __init__(self, step: int):
        self.step = step

    def on_step_begin(self, args, state, control, **kwargs):
        if state.global_step == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


def main(folder: Path, step: int) -> None:
    trainer = trainer_for(
        folder, max_steps=8, save_strategy="steps", save_steps=3, report_to=["trackio", "wandb", "tensorboard"],
        tracking={"project": "killed"},
    )  # fmt: skip
    trainer.add_callback(Die(step))
    newest = sorted(folder.glob("checkpoint-*"))
    trainer.train(resume_from_checkpoint=str(newest[-1]) if newest else None)
    trainer.tracking.conclude({"x": 1.0})


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else -1)
