"""What a logging step prints: losses, weights and how often objectives conflict. Everything else stays in the log."""

from collections.abc import Mapping
from typing import Any

from transformers import PrinterCallback, ProgressCallback, Trainer


def brief(logs: Mapping[str, Any]) -> dict[str, Any]:
    """
    The entries of a log that a person reads while it scrolls past.

    Of what the balancer reports (`balance_*`: for five objectives some fifty numbers) only the weights, the running
    fraction of conflicting pairs, and fallbacks where there were any; of loss weights those that are not 1; of a
    curriculum the stage and the competence; of throughput the tokens a second, and MFU where it is known.
    """
    return {key: value for key, value in logs.items() if _worth(key, value)}


def _worth(key: str, value: Any) -> bool:
    if key == "balance_fallbacks":
        return value > 0
    if key.startswith("loss_weight/"):
        return value != 1
    if key.startswith("curriculum/"):
        return key in ("curriculum/stage", "curriculum/competence")
    if key.startswith(("throughput/", "time/", "resources/")):
        return key in ("throughput/tokens_per_second", "throughput/mfu")
    if key.startswith("eval_metric/"):
        return False
    return not key.startswith("balance_") or key.startswith("balance_weight/") or key == "balance_conflict_fraction"


class BriefProgress(ProgressCallback):
    """The progress bar, with `brief` logs."""

    def on_log(self, args, state, control, logs=None, **kwargs):
        super().on_log(args, state, control, logs=brief(logs or {}), **kwargs)


class BriefPrinter(PrinterCallback):
    """The plain printer that stands in for the bar under `disable_tqdm`, with `brief` logs."""

    def on_log(self, args, state, control, logs=None, **kwargs):
        super().on_log(args, state, control, logs=brief(logs or {}), **kwargs)


def print_briefly(trainer: Trainer) -> None:
    """Put the brief callbacks in the place of transformers' own, where the trainer has these."""
    for verbose, short in ((ProgressCallback, BriefProgress), (PrinterCallback, BriefPrinter)):
        if trainer.pop_callback(verbose) is not None:
            trainer.add_callback(short)
