"""The network: backbone, turn states and heads. Flat, so that it travels to the Hub as remote code."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixel.models.configuration_pixel import PixelConfig
    from pixel.models.export import export_backbone, plain_backbone
    from pixel.models.modeling_pixel import PixelForCausalLM, PixelOutput, PixelPreTrainedModel
    from pixel.models.persona_state import PersonaState
    from pixel.models.streaming import StreamingReader

_HOME = {
    "PixelConfig": "configuration_pixel",
    "PixelForCausalLM": "modeling_pixel",
    "PixelOutput": "modeling_pixel",
    "PixelPreTrainedModel": "modeling_pixel",
    "PersonaState": "persona_state",
    "StreamingReader": "streaming",
    "export_backbone": "export",
    "plain_backbone": "export",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    if _HOME[name] != "persona_state":
        import_module("pixel.models.registration")
    return getattr(import_module(f"pixel.models.{_HOME[name]}"), name)
