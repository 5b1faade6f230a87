"""The sums between two log entries, kept, so that a run cut off between them logs what the unbroken run logs."""

from typing import Any

import torch
from transformers import TrainerCallback

from pixel.training.ranks import gathered


class RunningLog(TrainerCallback):
    """
    Puts back what was summed up since the last log entry before a checkpoint.

    Without it, the first entry after a resume is the mean over fewer steps, and every watcher of the log sees another
    curve than in the unbroken run.

    Args:
        trainer: with `_components` (`ObjectiveTraining`) and transformers' own sums.
    """

    def __init__(self, trainer):
        self.trainer = trainer
        self._kept: dict[str, Any] | None = None

    def gathered(self) -> list[dict[str, Any]]:
        """The sums of every process, in order of rank; JSON. All processes must call it."""
        return gathered(self.state())

    def state(self) -> dict[str, Any]:
        """Of this process."""
        trainer = self.trainer
        components = trainer._components["train"].totals
        metrics = getattr(trainer, "_metrics", {}).get("train", {})  # TRL's
        return {
            "loss": float(trainer._tr_loss),
            "logged": trainer._globalstep_last_logged,
            "left_out": trainer._left_out,
            "components": {name: pair.tolist() for name, pair in components.items()},
            "metrics": {name: [float(value) for value in values] for name, values in metrics.items()},
        }

    def take_back(self, every: list[dict[str, Any]] | None) -> None:
        """Sums of all processes, as `gathered` gave them; with another number of processes they are let go."""
        mine, world = self.trainer.args.process_index, self.trainer.args.world_size
        self._kept = every[mine] if every is not None and len(every) == world else None

    def on_train_begin(self, args, state, control, **kwargs):
        kept, self._kept = self._kept, None
        if kept is None:
            return
        trainer = self.trainer
        trainer._tr_loss += kept["loss"]
        trainer._total_loss_scalar -= kept["loss"]  # the summary at the end is of this call alone
        trainer._globalstep_last_logged = trainer._logged_at = kept["logged"]
        trainer._left_out = kept["left_out"]
        log = trainer._components["train"]
        log.totals = {name: torch.tensor(pair, device=args.device) for name, pair in kept["components"].items()}
        for name, values in kept["metrics"].items():
            trainer._metrics["train"][name] = list(values)
