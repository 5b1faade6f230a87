"""How a run keeps what it has done, what it says of itself, and what it does when something breaks. Torch-free."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class RunArguments:
    """What is kept, tracked and survived, beyond TRL's own options (save_steps, save_total_limit, report_to, ...)."""

    keep_best: int = field(
        default=0, metadata={"help": "Checkpoints with the best metric_for_best_model that retention never removes."}
    )
    keep_every: int = field(default=0, metadata={"help": "Every so many steps a checkpoint stays for good; 0: none."})
    save_on_signal: bool = field(
        default=True, metadata={"help": "On SIGTERM finish the step, save a checkpoint and end (exit status 75)."}
    )
    async_save: bool = field(
        default=False, metadata={"help": "Hash and seal each checkpoint in a thread beside the training."}
    )
    save_patience: float = field(
        default=300.0,
        metadata={
            "help": "Seconds that training waits for room where a checkpoint cannot be written; then it goes on."
        },
    )
    non_finite: str = field(
        default="stop",
        metadata={
            "help": "A gradient that is not finite: stop (before the optimizer takes it; a supervisor starts again, "
            "and a step that breaks twice is left out), skip (leave the step out) or ignore."
        },
    )
    data_timeout: float = field(
        default=600.0,
        metadata={
            "help": "Seconds a data worker may take for a batch before the run ends with an error; 0: for ever."
        },
    )
    tokens_per_step: int | None = field(
        default=None,
        metadata={"help": "Tokens an optimizer step; batch size and accumulation over all processes follow."},
    )
    tokens_per_device: int | None = field(
        default=None,
        metadata={"help": "Most tokens a device takes at once (default: the given batch size), for tokens_per_step."},
    )
    document_attention: str = field(
        default="auto",
        metadata={
            "help": "Packed and padded rows pay for each conversation's own attention: auto (on a CPU), always (also "
            "on CUDA, by torch's varlen kernel) or never."
        },
    )
    tracking: dict[str, Any] = field(
        default_factory=dict,
        metadata={
            "help": "Of report_to's trackers (trackio, wandb, tensorboard): {project: pixel, name: ..., group: ..., "
            "tags: [...], artifacts: none|small|model, patience: 30}"
        },
    )
    eval_tokens: int | None = field(
        default=None, metadata={"help": "Evaluate each time so many tokens have been trained on, besides eval_steps."}
    )
    validation_metrics: int = field(
        default=0,
        metadata={
            "help": "At each evaluation measure every read-out (F1, AUC, correlation, ...) on so many held-out rows, "
            "as eval_metric/FIELD_METRIC; 0: losses alone."
        },
    )
