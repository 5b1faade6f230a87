"""Pixel: the open training stack for emotionally intelligent language models."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixel.models import PixelConfig, PixelForCausalLM, StreamingReader
    from pixel.training import PixelTrainer, PixelTrainingArguments

__version__ = "0.1.0"

_HOME = {
    "PixelConfig": "pixel.models",
    "PixelForCausalLM": "pixel.models",
    "StreamingReader": "pixel.models",
    "PixelTrainer": "pixel.training",
    "PixelTrainingArguments": "pixel.training",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module 'pixel' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)
