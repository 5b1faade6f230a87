"""Callbacks go on from a checkpoint in place."""

from collections.abc import Iterable, Mapping
from typing import Any

from transformers import TrainerCallback
from transformers.trainer_callback import ExportableState


def restore_callbacks(callbacks: Iterable[TrainerCallback], stored: Mapping[str, Any]) -> list[str]:
    """
    Set the stored attributes on the callbacks there are.

    Transformers would build new ones from JSON instead, which cannot hold alerts, a probe set or a trainer. The
    options stay those of this run.

    Args:
        callbacks: of the trainer; several of one class get their states in order.
        stored: `TrainerState.stateful_callbacks`: class -> `{"args", "attributes"}`, or a list of these.

    Returns:
        the classes that were stored and are not among the callbacks.
    """
    waiting = {name: list(data) if isinstance(data, list) else [data] for name, data in stored.items()}
    missing = set(waiting)
    for callback in callbacks:
        name = type(callback).__name__
        if isinstance(callback, ExportableState) and waiting.get(name):
            missing.discard(name)
            for attribute, value in waiting[name].pop(0).get("attributes", {}).items():
                setattr(callback, attribute, value)
    return sorted(missing)
