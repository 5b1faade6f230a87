"""The Hub: asking whether it is there, pushing folders to it, and the model card that goes with them."""

from pixel.hub.model_card import render_model_card, write_model_card
from pixel.hub.preflight import HubStatus, hub_available
from pixel.hub.push import PushError, push_folder, push_or_explain

__all__ = [
    "HubStatus",
    "PushError",
    "hub_available",
    "push_folder",
    "push_or_explain",
    "render_model_card",
    "write_model_card",
]
