"""Several processes share the work of one evaluation (`accelerate launch`); alone, everything is done here."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from pixel.data.errors import ConversationError
from pixel.evaluation.task import TaskSkipped


def count() -> int:
    """How many processes there are."""
    if "torch" not in sys.modules:  # then they cannot have met; and what needs no torch need not wait for it
        return 1
    import torch.distributed as dist

    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """Which of them this is, from 0."""
    import torch.distributed as dist

    return dist.get_rank() if count() > 1 else 0


def is_first() -> bool:
    """Whether this is the only process, or the first."""
    return rank() == 0


def shared(value: Any) -> Any:
    """The first process's value, on every process (each must call it). Must pickle."""
    if count() == 1:
        return value
    from pixel.training import ranks

    return ranks.shared(value)


def work_together(work: Callable[[Sequence], Sequence], things: Sequence) -> list[Any]:
    """
    Each process works on its part; all get all results, in the order of the things.

    Args:
        work: things -> one result each. It may be given none.
        things: the same on every process. Neighbours go to different processes, since neighbours are alike in length.

    Raises:
        Exception: whatever a process's work raised; every process raises it, so that none waits for another.
    """
    processes, own = count(), rank()
    if processes == 1:
        return list(work(things))
    import torch.distributed as dist

    results, error = [], None
    try:
        results = list(work(things[own::processes]))
    except Exception as problem:
        error = problem
    parts: list[Any] = [None] * processes
    dist.all_gather_object(parts, (results, _sendable(error)))
    for _, problem in parts:
        if problem is not None:
            raise error if error is not None else problem
    together: list[Any] = [None] * len(things)
    for number, (part, _) in enumerate(parts):
        together[number::processes] = part
    return together


def _sendable(error: Exception | None) -> Exception | None:
    """The error as every process can raise it: its kind where the runner tells kinds apart, and its message."""
    if error is None:
        return None
    kind = next((kind for kind in (TaskSkipped, ConversationError) if isinstance(error, kind)), None)
    return RuntimeError(f"{type(error).__name__}: {error}") if kind is None else kind(str(error))
