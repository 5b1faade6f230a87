import pytest

from pixel.planning import Architecture, PlanError, read_architecture
from pixel.planning.architecture import config_of
from pixel.planning.estimators import count_on_meta
from pixel.planning.heads import Heads
from pixel.planning.published import published
from tests.planning.shapes import SPARSE, TINY


def test_a_dense_model_is_counted_as_by_hand():
    found = Architecture.from_config(TINY)
    # queries 8 x 12, keys and values 8 x 6 each, output 12 x 8; two norms of 8; MLP three maps of 8 x 12
    assert found.layer_parameters(False) == {"attention": 96 + 48 + 48 + 96, "norms": 16, "mlp": 288}
    assert found.total == 2 * 10 * 8 + 2 * (288 + 16 + 288) + 8
    assert found.active == found.total


def test_a_sparse_model_uses_only_the_experts_chosen():
    found = Architecture.from_config(SPARSE)
    assert found.layer_parameters(True) == {"attention": 288, "norms": 16 + 6, "router": 48, "experts": 6 * 3 * 8 * 5}
    assert found.total - found.active == 2 * 4 * 120  # four of six experts of 120 numbers idle, in two layers


def test_layers_without_experts_keep_their_mlp():
    found = Architecture.from_config(SPARSE | {"num_hidden_layers": 4, "decoder_sparse_step": 2})
    assert found.sparse_layers == 2
    assert found.parameters["mlp"] == 2 * 288 and found.parameters["experts"] == 2 * 720


@pytest.mark.parametrize("name", published())
def test_published_models_have_the_published_size(name):
    said, found = published()[name], read_architecture(name)
    exact = isinstance(said["parameters"], int)
    assert found.total == (said["parameters"] if exact else pytest.approx(said["parameters"], rel=0.013))
    if "active" in said:
        assert found.active == pytest.approx(said["active"], rel=0.013)


def test_qwen3_30b_a3b_has_30_53_and_3_35_billion():
    found = read_architecture("Qwen/Qwen3-30B-A3B")
    assert round(found.total / 1e9, 2) == 30.53 and round(found.active / 1e9, 2) == 3.35
    assert round(found.parameters["experts"] / 1e9, 2) == 28.99


@pytest.mark.parametrize("name", ["tiny:llama", "tiny:qwen3", "tiny:qwen3_moe", "Qwen/Qwen3-30B-A3B"])
@pytest.mark.parametrize("heads", [Heads(), Heads(("emotion", "eq", "persona_switch"), 0, 2, True, 7, True, 3)])
def test_the_network_on_the_meta_device_has_as_many_parameters(name, heads):
    found = read_architecture(name)
    counted = count_on_meta(config_of(name), heads)
    assert counted == {"backbone": found.total, "heads": heads.parameters(found.hidden)}


def test_a_pixel_folder_is_read_by_its_backbone(tmp_path):
    import json

    (tmp_path / "config.json").write_text(json.dumps({"model_type": "pixel", "text_config": TINY}))
    assert read_architecture(str(tmp_path)).total == Architecture.from_config(TINY).total


@pytest.mark.parametrize(
    ("config", "words"),
    [({"model_type": "bert"}, "'bert' has no formula"), ({"model_type": "llama"}, "no hidden_size")],
)
def test_what_has_no_formula_is_refused_with_a_mend(config, words):
    with pytest.raises(PlanError, match=f"{words}.*Mend: "):
        Architecture.from_config(config)


def test_an_unknown_name_is_refused_with_those_that_ship():
    with pytest.raises(PlanError, match="Mend: .*Qwen/Qwen3-30B-A3B"):
        read_architecture("nobody/nothing")
