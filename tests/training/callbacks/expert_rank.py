"""One of two processes that `test_expert_checkpoints` starts: python expert_rank.py FOLDER RANK."""

import json
import sys
from pathlib import Path

import torch.distributed as dist

from tests.training.callbacks.test_expert_checkpoints import Answers, drive, expert


class Untouched:
    """The second process has no business with the store."""

    def __getattr__(self, name):
        raise AssertionError(f"{name} was called on the second process")


class Trainer:
    """Whose weights come back on the first process only."""

    is_deepspeed_enabled = is_fsdp_enabled = False
    optimizer = None

    def __init__(self, rank):
        self.rank = rank

    def log(self, logs):
        pass

    def _load_from_checkpoint(self, folder):
        if self.rank:
            raise OSError("a disk that only this process sees is gone")


if __name__ == "__main__":
    folder, rank = Path(sys.argv[1]), int(sys.argv[2])
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    store = Untouched() if rank else Answers({2: "approve", 6: "rollback"})  # and none for step 4
    callback, alerts = expert(store, on_timeout="continue")
    callback.desk.clock.now = 1000.0 * rank  # no two machines agree on the time
    callback.trainer = Trainer(rank)
    end = drive(callback, folder / "run", 10)
    facts = {"end": end, "run": callback.run, "history": callback.history, "alerts": [a.kind for a in alerts.sent]}
    (folder / f"rank{rank}.json").write_text(json.dumps(facts))
    dist.destroy_process_group()
