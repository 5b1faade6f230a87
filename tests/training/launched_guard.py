"""
What `accelerate launch` runs in `test_step_guard_ranks`: four steps, of which rank 1 loses the loss of the second.

    accelerate launch ... tests/training/launched_guard.py FOLDER MODEL OPTIONS_AS_JSON

Every rank writes FOLDER/rank{N}.json.
"""

import json
import math
import sys
from pathlib import Path

import torch
from accelerate.utils import extract_model_from_parallel

from pixel.training.step_guard import NonFiniteStep
from tests.training.launched import gathered
from tests.training.parts import trainer_for


def main(folder: Path, kind: str, options: dict) -> None:
    trainer = trainer_for(folder / "run", kind, use_cpu=True, per_device_train_batch_size=4, max_steps=4, **options)
    rank, compute, end, sums = trainer.accelerator.process_index, trainer.compute_loss, trainer.end_of_step, []

    def loss(*args, **kwargs):
        lost = rank == 1 and trainer.state.global_step == 1
        return compute(*args, **kwargs) * (math.nan if lost else 1.0)

    def after():
        end()
        model = extract_model_from_parallel(trainer.model_wrapped)
        sums.append([gathered(p).double().sum().item() for p in model.parameters() if p.requires_grad])

    trainer.compute_loss, trainer.end_of_step = loss, after
    stopped = None
    try:
        trainer.train()
    except NonFiniteStep as error:
        stopped = error.step
    rates = [entry["learning_rate"] for entry in trainer.state.log_history if "learning_rate" in entry]
    said = [alert.kind for alert in trainer.alerts.sent]
    facts = {"sums": sums, "stopped": stopped, "alerts": said, "rates": rates}
    (folder / f"rank{rank}.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))
