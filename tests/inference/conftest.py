"""A random network of four layers that reads as if it had been trained."""

import pytest
import torch

from pixel.models import PixelConfig, PixelForCausalLM
from pixel.models.labels import FIELDS
from pixel.training.chat_tokenizer import byte_tokenizer
from pixel.training.loading import tiny_config


@pytest.fixture(scope="session")
def tokenizer():
    return byte_tokenizer()


@pytest.fixture
def make_network(tokenizer):
    """Builds a network in evaluation mode whose heads speak up: their weights are ten times the usual."""

    def make(seed: int = 0, **options):
        torch.manual_seed(seed)
        options = {"trained_fields": list(FIELDS)} | options
        network = PixelForCausalLM(PixelConfig(text_config=tiny_config("llama", len(tokenizer)), **options))
        with torch.no_grad():
            for parameter in network.heads.parameters():
                parameter.mul_(10.0)
        return network.eval()

    return make


@pytest.fixture
def network(make_network):
    return make_network()


@pytest.fixture
def talk():
    return [
        {"role": "user", "content": "Nothing helps, I barely sleep."},
        {"role": "assistant", "content": "That sounds exhausting. What keeps you awake?"},
        {"role": "user", "content": "Work, mostly."},
    ]
