"""How a training run ends, told so that a supervisor understands it."""

from pathlib import Path

from pixel.checkpoints import FINISHED
from pixel.orchestration.failures import NON_FINITE, PREEMPTED
from pixel.orchestration.heartbeat import Heartbeat
from pixel.training.callbacks.heartbeat import HeartbeatCallback
from pixel.training.step_guard import NonFiniteStep


def train_or_leave(trainer, heart: Heartbeat, resume_from_checkpoint: str | bool | None) -> int | None:
    """
    Train, with heartbeats at every step where the trainer has steps.

    Args:
        trainer: a `PixelTrainer`, `TurnTrainer` or `FrozenTrainer`.
        heart: of this rank.
        resume_from_checkpoint: as in the training arguments.

    Returns:
        `None` when it is done; else the exit status: 75, saved on a signal; 76, a gradient was not finite.
    """
    try:
        if hasattr(trainer, "add_callback"):
            trainer.add_callback(HeartbeatCallback(heart))
            trainer.train(resume_from_checkpoint=resume_from_checkpoint)
        else:  # heads that are fitted at once
            (Path(trainer.args.output_dir) / FINISHED).unlink(missing_ok=True)
            with heart.ticking("train"):
                trainer.train()
    except NonFiniteStep as error:
        return leave(heart, NON_FINITE, str(error))
    if getattr(trainer, "preempted", False):
        why = f"Saved at step {trainer.state.global_step}. Go on with --resume_from_checkpoint auto"
        return leave(heart, PREEMPTED, why)
    heart.beat("end", trainer.state.global_step)
    return None


def leave(heart: Heartbeat, status: int, why: str = "") -> int:
    """Tell the supervisor what this rank ends with: its launcher will end with 1, whatever that is."""
    if why and heart.rank == 0:
        print(why, flush=True)
    heart.beat("end", status=status)
    return status
