"""Batches that are not as they should be: a loss that is lost, a data worker that hangs or is killed."""

import math
import os
import signal
import time


def surround(trainer_class: type, striker) -> None:
    """
    Put what `striker.order["given"]` names around a trainer.

    `lost`: `{step, value, once, rank}`: the loss of that optimizer step is multiplied by `value` (`nan`, `inf`); with
    `once` a single time over all attempts. `worker`: `{batch, how}`: the data worker that makes the `batch`-th batch
    of an attempt sleeps (`sleep`) or is killed (`kill`), once.
    """
    compute, given = trainer_class.compute_loss, striker.order["given"]
    lost, worker = given.get("lost"), given.get("worker")

    def compute_loss(self, *args, **kwargs):
        if not self.model.training:
            return compute(self, *args, **kwargs)
        step = self.state.global_step + 1
        striker.step(step, "loss")
        loss = compute(self, *args, **kwargs)
        if lost and (lost["step"], lost.get("rank", 0)) == (step, striker.rank):
            if not lost["once"] or first_time(striker.folder / "lost"):
                return loss * {"nan": math.nan, "inf": math.inf}[lost["value"]]
        return loss

    trainer_class.compute_loss = compute_loss
    if worker:
        _spoil_worker(worker, striker)


def first_time(file) -> bool:
    """Whether nobody has asked with this file before."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return False
    return True


def _spoil_worker(worker: dict, striker) -> None:
    from torch.utils.data import get_worker_info

    from pixel.data.collator import PixelCollator

    collate, made = PixelCollator.__call__, [0]

    def __call__(self, *args, **kwargs):
        if get_worker_info() is not None and striker.rank == 0:
            made[0] += 1  # in the worker's own memory
            if made[0] == worker["batch"] and first_time(striker.folder / "fired"):
                if worker["how"] == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(3600)
        return collate(self, *args, **kwargs)

    PixelCollator.__call__ = __call__
