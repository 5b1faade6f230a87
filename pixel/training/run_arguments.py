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
    non_finite: str = field(
        default="stop",
        metadata={
            "help": "A gradient that is not finite: stop (before the optimizer takes it; a supervisor starts again, and "
            "a step that breaks twice is left out), skip (leave the step out) or ignore."
        },
    )
    tokens_per_step: int | None = field(
        default=None,
        metadata={"help": "Tokens an optimizer step; batch size and accumulation over all processes follow."},
    )
    tracking: dict[str, Any] = field(
        default_factory=dict,
        metadata={"help": "Of report_to's trackers: {project: pixel, artifacts: true, group: ..., tags: [...]}"},
    )
