"""A random network, saved as a model folder that claims to have been trained; and recipes as modules."""

import importlib.util
from pathlib import Path

import pytest
import torch

from pixel.models import PixelConfig, PixelForCausalLM
from pixel.models.labels import FIELDS
from pixel.training.chat_tokenizer import byte_tokenizer
from pixel.training.loading import tiny_config

RECIPES = Path(__file__).resolve().parents[2] / "recipes"


@pytest.fixture
def recipe():
    """`recipe(name)`: the script as a module."""

    def load(name: str):
        spec = importlib.util.spec_from_file_location(f"recipe_{name}", RECIPES / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    """`model_folder(trained_fields, risk=...)`: where a tiny model is saved; `risk` is the logit of every level."""

    def make(trained_fields=tuple(FIELDS), risk: float | None = None) -> str:
        torch.manual_seed(0)
        tokenizer = byte_tokenizer()
        config = PixelConfig(text_config=tiny_config("llama", len(tokenizer)), trained_fields=list(trained_fields))
        network = PixelForCausalLM(config)
        with torch.no_grad():
            for parameter in network.heads.parameters():
                parameter.mul_(10.0)
            if risk is not None:
                last = list(network.heads["risk"].modules())[-1]
                last.weight.zero_()
                last.bias.fill_(risk)
        folder = tmp_path_factory.mktemp("model")
        network.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return str(folder)

    return make


@pytest.fixture(scope="session")
def model(model_folder):
    return model_folder()
