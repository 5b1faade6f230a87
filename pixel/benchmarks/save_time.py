"""How long a checkpoint holds training up: written, hashed and sealed at once, or sealed in a thread beside it."""

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tqdm.auto import tqdm

from pixel.benchmarks.checkpoint_run import tiny_trainer
from pixel.checkpoints import Background, finish, partial_of, verify


def save_time(
    model: str = "embedded:smollm2", repeats: int = 3, folder: str | Path | None = None, progress: bool = True
) -> dict[str, Any]:
    """
    Save a network with its AdamW moments, in both ways in turn, and take forward and backward passes meanwhile.

    Args:
        model: as `model_name_or_path`.
        repeats: of each way.
        folder: on the disk to be measured; by default the temporary one.
        progress: show a bar.

    Returns:
        medians, with all values beside them: `bytes`; `write` (transformers' files, both ways), `seal` (fsync, hash,
        rename, at once), `beside` (the same in a thread, until it is done), `verify` (before a resume), `held_up`
        (`now`: write and seal, `async`: write), `step` (a forward and backward pass) alone and while a thread seals.
    """
    with tempfile.TemporaryDirectory(dir=folder) as made:
        trainer = tiny_trainer(Path(made), model=model)
        _fill_optimizer(trainer)
        batch = trainer._prepare_inputs(next(iter(trainer.get_train_dataloader())))
        names = ("write", "seal", "beside", "verify", "step", "step_beside")
        took: dict[str, list[float]] = {name: [] for name in names}
        _timed(lambda: _pass(trainer, batch))
        for number in tqdm(range(2 * repeats), desc="Saves", disable=not progress):
            written, final = partial_of(made, number), Path(made) / f"checkpoint-{number}"
            took["step"].append(_timed(lambda: _pass(trainer, batch)))
            took["write"].append(_timed(lambda w=written: trainer._write(w)))
            if number % 2 == 0:
                took["seal"].append(_timed(lambda w=written, f=final, n=number: finish(w, f, n)))
                took["verify"].append(_timed(lambda f=final: verify(f)))
            else:
                background, start = Background(), time.perf_counter()
                background.start(lambda w=written, f=final, n=number: finish(w, f, n))
                while background.busy:
                    took["step_beside"].append(_timed(lambda: _pass(trainer, batch)))
                took["beside"].append(time.perf_counter() - start)
                if (error := background.wait()) is not None:
                    raise error
            size = verify(final, hashes=False).size
            shutil.rmtree(final)
    middle = {name: statistics.median(values) for name, values in took.items() if values}
    held_up = {"now": middle["write"] + middle["seal"], "async": middle["write"]}
    return {"model": model, "bytes": size, "repeats": repeats, "held_up": held_up} | middle | {"all": took}


def _fill_optimizer(trainer) -> None:
    """Moments for every weight, as after the first step."""
    trainer.create_optimizer_and_scheduler(10)
    trainer._tr_loss, trainer._globalstep_last_logged = torch.tensor(0.0), 0
    for parameter in trainer.model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    trainer.optimizer.step()
    trainer.model.zero_grad()


def _pass(trainer, batch) -> None:
    trainer.model.train()
    trainer.compute_loss(trainer.model, dict(batch)).backward()
    trainer.model.zero_grad()


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
