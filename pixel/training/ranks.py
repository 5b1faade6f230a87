"""Several processes doing as one: the first decides, and an error of any is an error of all."""

from typing import Any

import torch.distributed as dist


def is_first() -> bool:
    """Whether this is the only process, or the first."""
    return not _several() or dist.get_rank() == 0


def shared(value: Any) -> Any:
    """The first process's value, on every process (each must call it). Must pickle."""
    if not _several():
        return value
    box = [value]
    dist.broadcast_object_list(box, src=0)
    return box[0]


def first_error(error: str | None) -> str | None:
    """The first error that any process has, on every process (each must call it)."""
    if not _several():
        return error
    box: list[str | None] = [None] * dist.get_world_size()
    dist.all_gather_object(box, error)
    return next((found for found in box if found is not None), None)


def gathered(value: Any) -> list[Any]:
    """Every process's value, in order of rank, on every process (each must call it). Must pickle."""
    if not _several():
        return [value]
    box: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(box, value)
    return box


def _several() -> bool:
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1
