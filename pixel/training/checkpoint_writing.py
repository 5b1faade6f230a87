"""Writing the parts of a checkpoint so that a full disk is told to all processes and not to none."""

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from accelerate.utils import is_peft_model
from torch import Tensor, nn

from pixel.checkpoints import CheckpointError
from pixel.training.ranks import first_error

NETWORK = "network"
"""Folder in a checkpoint with what the whole network is made of, whatever part of it is trained or where."""

_STORAGE = re.compile(
    r"PytorchStreamWriter|iostream|no space left|input/output error|read-only file|unexpected pos", re.I
)
_STORAGE_MARK = "storage: "


class StorageError(OSError):
    """A process could not write its part; the disk is full, read-only or gone. Training can go on."""


def is_storage_error(error: BaseException) -> bool:
    """Whether an exception says that a file could not be written; libraries raise their own kinds."""
    if isinstance(error, OSError):
        return True
    return type(error).__name__ == "SafetensorError" or bool(_STORAGE.search(str(error)))


def together(work: Callable[[], None]) -> None:
    """
    Do something on every process, and fail on all where it fails on any.

    Raises:
        StorageError: some process could not write.
        CheckpointError: another error on some process; on that one, caused by it.
    """
    mine = None
    try:
        work()
    except Exception as error:  # each library raises its own
        mine = error
    words = None
    if mine is not None:
        lines = str(mine).splitlines() or [""]
        words = f"{_STORAGE_MARK if is_storage_error(mine) else ''}{type(mine).__name__}: {lines[0][:200]}"
    found = first_error(words)
    if found is None:
        return
    if found.startswith(_STORAGE_MARK):
        raise StorageError(found.removeprefix(_STORAGE_MARK)) from mine
    raise CheckpointError(
        f"a checkpoint could not be written: {found}", "see the traceback of the process that failed"
    ) from mine


@contextmanager
def to_the_end(engine) -> Iterator[None]:
    """
    Let DeepSpeed's `save_checkpoint` run through all its barriers on a process that cannot write, and fail after.

    `latest`, which it writes last and on one process alone, is left to `write_latest`.

    Args:
        engine: a DeepSpeed engine, or `None` to do nothing.

    Raises:
        Exception: the first that was held back.
    """
    if engine is None:
        yield
        return
    held: list[Exception] = []

    def holding(function):
        @functools.wraps(function)
        def call(*args, **kwargs):
            try:
                return function(*args, **kwargs)
            except Exception as error:
                held.append(error)

        return call

    writer = engine.checkpoint_engine
    places = [(writer, "save"), (writer, "makedirs"), (engine, "_copy_recovery_script"), (engine, "save_checkpoint")]
    before = [vars(owner).get(name) for owner, name in places]
    for owner, name in places[:-1]:
        setattr(owner, name, holding(getattr(owner, name)))
    engine.save_checkpoint = functools.partial(engine.save_checkpoint, save_latest=False)
    try:
        yield
    finally:
        for (owner, name), own in zip(places, before, strict=True):
            delattr(owner, name)  # the class's own shows again
            if own is not None:
                setattr(owner, name, own)
    if held:
        raise held[0]


def write_latest(engine, folder: Path) -> None:
    """Name DeepSpeed's subfolder in its file `latest`."""
    if engine is not None:
        (folder / "latest").write_text(f"global_step{engine.global_steps}")


def describe_network(trainer, folder: Path) -> None:
    """Write down what `consolidate` needs to know beside the weights: shards have neither of these files."""
    into = folder / NETWORK
    into.mkdir()
    trainer.pixel.config.to_json_file(into / "config.json")
    model = trainer.accelerator.unwrap_model(trainer.model)
    if is_peft_model(model):
        model.peft_config[model.active_adapter].save_pretrained(into)
    if trainer.processing_class is not None and not (folder / "tokenizer_config.json").exists():
        trainer.processing_class.save_pretrained(into)


def rough_size(model: nn.Module, optimizer) -> int:
    """Bytes that weights and optimizer take on disk, before there is a checkpoint to go by."""
    parameters = list(model.parameters())
    weights = sum(_numel(p) * p.element_size() for p in parameters)
    moments = sum(x.numel() * x.element_size() for x in _tensors(getattr(optimizer, "state", {}) or {}))
    sharded = any(hasattr(p, "ds_numel") for p in parameters)
    if sharded:  # a float32 copy and two moments, whatever the engine calls them
        moments = 12 * sum(_numel(p) for p in parameters if p.requires_grad)
    return weights + moments


def _numel(parameter: Tensor) -> int:
    return getattr(parameter, "ds_numel", None) or parameter.numel()


def _tensors(state) -> Iterable[Tensor]:
    values = state.values() if hasattr(state, "values") else []
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, dict):
            yield from _tensors(value)
