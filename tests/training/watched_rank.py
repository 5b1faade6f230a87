"""
What `test_watched_ranks` launches: a run in which one rank is slow, and what the watch says of it.

    accelerate launch ... tests/training/watched_rank.py FOLDER KIND SLOW_RANK SECONDS
"""

import json
import sys
import time
from pathlib import Path

import torch

from pixel.training.callbacks.resource_watch import ResourceWatch
from tests.training.parts import trainer_for


def main(folder: Path, kind: str, slow: int, seconds: float) -> None:
    trainer = trainer_for(
        folder / "run", kind, max_steps=6, per_device_train_batch_size=4, logging_steps=2, use_cpu=True,
        max_grad_norm=1.0, alerts={"console": False},
    )  # fmt: skip
    rank = trainer.accelerator.process_index
    forward = trainer._prepare_inputs

    def slowly(inputs):
        if rank == slow:
            time.sleep(seconds)
        return forward(inputs)

    trainer._prepare_inputs = slowly
    watch = ResourceWatch(trainer, trainer.alerts, patience=1)
    trainer.add_watcher(watch)
    trainer.train()
    facts = {
        "log": trainer.state.log_history, "report": watch.report(),
        "alerts": [alert.as_dict() for alert in trainer.alerts.sent],
        "sharded": trainer.is_deepspeed_enabled, "processes": trainer.accelerator.num_processes,
    }  # fmt: skip
    (folder / f"rank{rank}.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
