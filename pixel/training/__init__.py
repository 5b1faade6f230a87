"""Training: arguments, the trainer, and what a run needs around it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixel.training.arguments import DataArguments, ModelArguments, ObjectiveArguments
    from pixel.training.loading import load_network, load_pixel
    from pixel.training.trainer import PixelTrainer
    from pixel.training.training_arguments import PixelTrainingArguments

_HOME = {
    "DataArguments": "arguments",
    "ModelArguments": "arguments",
    "ObjectiveArguments": "arguments",
    "PixelTrainer": "trainer",
    "PixelTrainingArguments": "training_arguments",
    "load_network": "loading",
    "load_pixel": "loading",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"pixel.training.{_HOME[name]}"), name)
