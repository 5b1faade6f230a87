"""Checkpoints that are whole: written in one step, hashed, checked before use, kept or removed by rule. Torch-free."""

from pixel.checkpoints.errors import CheckpointError
from pixel.checkpoints.finishing import Background, finish
from pixel.checkpoints.going_back import ask_to_roll_back, roll_back, roll_back_if_asked
from pixel.checkpoints.manifest import MANIFEST, Verdict, require_valid, seal, step_of, verify
from pixel.checkpoints.newest import checkpoints, newest_valid, partial_of, put_aside, remove, sweep
from pixel.checkpoints.progress import FINISHED, Progress, best_model, progress
from pixel.checkpoints.retention import Retention, look, prune
from pixel.checkpoints.space import Room, expected_size, free_bytes, make_room, readable

__all__ = [
    "FINISHED",
    "MANIFEST",
    "Background",
    "CheckpointError",
    "Progress",
    "Retention",
    "Room",
    "Verdict",
    "ask_to_roll_back",
    "best_model",
    "checkpoints",
    "expected_size",
    "finish",
    "free_bytes",
    "look",
    "make_room",
    "newest_valid",
    "partial_of",
    "progress",
    "prune",
    "put_aside",
    "readable",
    "remove",
    "require_valid",
    "roll_back",
    "roll_back_if_asked",
    "seal",
    "step_of",
    "sweep",
    "verify",
]
