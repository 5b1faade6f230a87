"""Using a trained model: reading conversations in bulk, and talking with one persona at a time."""

from importlib import import_module

_HOME = {
    "CRISIS_NOTE": "crisis",
    "ConversationReader": "reading",
    "InputRow": "conversations",
    "PersonaConversation": "replying",
    "ResumableLines": "resumable",
    "Sampler": "sampling",
    "choose_device": "device",
    "input_rows": "conversations",
    "severe_risk": "crisis",
    "shown_fields": "reading",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
