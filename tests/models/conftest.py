"""Plain checkpoints on disk, written once a session."""

import pytest
import torch
from transformers import AutoModelForCausalLM

from tests.models.parts import backbone_config


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    """`plain(kind)` -> (folder, model): a random causal language model that knows nothing of Pixel, and its copy."""
    made = {}

    def make(kind: str):
        if kind not in made:
            torch.manual_seed(1)
            model = AutoModelForCausalLM.from_config(backbone_config(kind)).eval()
            folder = tmp_path_factory.mktemp(kind)
            model.save_pretrained(folder)
            made[kind] = folder, model
        return made[kind]

    return make
