"""A frozen study of a second: turn states that give the labels away."""

import numpy as np
import torch

from pixel.benchmarks.frozen_study import FrozenStudy, halves
from pixel.training.turn_table import TurnTable
from tests.training.parts import tiny_network

SETTINGS = {
    "max_steps": 4, "per_device_train_batch_size": 8, "learning_rate": 1e-2, "logging_steps": 100,
    "field_weights": {"vad": 0.5},
}  # fmt: skip


def frozen_study(conversations: int = 48) -> FrozenStudy:
    """Two turns a conversation, one labelled field for each of eq, persona, clinical and empathy."""
    _, network = tiny_network(shared_size=8, head_hidden_size=0, head_dropout=0.1)
    width = network.config.turn_state_size
    draw = np.random.default_rng(0)

    def table(start: int) -> TurnTable:
        turns = 2 * conversations
        level = torch.from_numpy(draw.integers(0, 3, turns))
        states = torch.from_numpy(draw.normal(size=(turns, width))) * 0.5
        states[:, 0] += level
        labels = {
            "vad": (level.float() / 2)[:, None].repeat(1, 3),
            "persona_mode": level.clone(),
            "risk": level.clone(),
            "emotional_reactions": level.clone(),
        }
        groups = np.array([str(start + i) for i in range(conversations)])
        starts = torch.arange(0, turns + 1, 2)
        return TurnTable(states.to(torch.bfloat16), starts, torch.arange(turns) % 2, labels, groups)

    return FrozenStudy(network, SETTINGS, table(0), range(conversations), halves({"made": table(conversations)}))
