import pytest
import torch
from torch.testing import assert_close
from transformers import AutoModelForCausalLM

from pixel.models import PixelConfig, PixelForCausalLM
from pixel.models.labels import FIELDS
from tests.models.parts import backbone_config


@pytest.mark.parametrize("layer", [0, 5, -1])
def test_a_readout_layer_outside_the_depth_is_an_error(layer):
    with pytest.raises(ValueError, match=f"readout_layer is {layer}, but the backbone has layers 1 to 4"):
        PixelConfig(text_config=backbone_config(), readout_layer=layer)


@pytest.mark.parametrize("option", ["fields", "trained_fields", "lexical_fields"])
def test_a_field_that_does_not_exist_is_named(option):
    with pytest.raises(ValueError, match="unknown field 'mood' in the configuration; known: emotion, vad"):
        PixelConfig(text_config=backbone_config(), **{option: ["risk", "mood"]})


def test_an_unknown_pooling_is_named_when_the_network_is_built():
    with pytest.raises(ValueError, match="no pooling is called 'median'"):
        PixelForCausalLM(PixelConfig(text_config=backbone_config(), readout_pooling="median"))


@pytest.mark.parametrize("depth, layer", [(1, 1), (4, 3), (30, 22), (48, 36)])
def test_the_default_readout_layer_is_three_quarters_down(depth, layer):
    config = backbone_config()
    config.num_hidden_layers = depth
    assert PixelConfig(text_config=config).readout_layer == layer


def test_all_fields_get_a_head_by_default_and_none_counts_as_trained():
    config = PixelConfig(text_config=backbone_config())
    assert config.fields == list(FIELDS) and config.trained_fields == []


@pytest.mark.parametrize("kind, tied", [("llama", True), ("qwen3", False)])
def test_embeddings_are_tied_as_the_backbones_are(kind, tied):
    assert PixelConfig(text_config=backbone_config(kind)).tie_word_embeddings is tied


def test_a_configuration_survives_a_round_trip_through_its_dictionary():
    config = PixelConfig(text_config=backbone_config("qwen3_moe"), fields=["risk"], offsets={"risk": [0.5] * 6})
    again = PixelConfig.from_dict(config.to_dict())
    assert again.to_dict() == config.to_dict()
    assert again.text_config.num_experts == 4


def test_wrapping_a_models_configuration_leaves_that_model_alone():
    ids = torch.arange(8)[None]
    with torch.no_grad():
        plain = AutoModelForCausalLM.from_config(backbone_config()).eval()
        before = plain(ids).logits
        PixelConfig(text_config=plain.config)
        assert_close(plain(ids).logits, before, atol=0, rtol=0)
