"""What a conversation is: schema, labels, corpora, tokens, packing, de-identification."""

from importlib import import_module

_HOME = {
    "ConversationError": "errors",
    "PixelCollator": "collator",
    "conversation": "schema",
    "encode_dataset": "examples",
    "encode_label": "encoding",
    "features": "schema",
    "load_conversations": "files",
    "load_seed": "seed",
    "mix": "mixing",
    "pack_dataset": "packing",
    "validate": "schema",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
