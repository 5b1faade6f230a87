"""The whole network, adapters merged, is what one process would have saved."""

import pytest
import torch
from torch.testing import assert_close

from pixel.models import PixelForCausalLM
from pixel.training.arguments import SettingError
from pixel.training.whole_weights import merged_weights, save_merged
from tests.training.parts import tiny_network, trainer_for

IDS = torch.arange(24).view(1, 24)
SPANS = torch.tensor([[[2, 9], [12, 20]]])


def logits(network) -> dict[str, torch.Tensor]:
    with torch.no_grad():
        output = network.eval()(input_ids=IDS, turn_spans=SPANS, turn_mask=torch.ones(1, 2).long(), use_cache=False)
    return {"logits": output.logits, **output.readouts}


@pytest.mark.parametrize("kind", ["llama", "qwen3_moe"])  # llama ties its embeddings
def test_a_network_without_adapters_is_its_own_weights(kind, tmp_path):
    _, network = tiny_network(kind)
    found, expected = merged_weights(network), dict(network.state_dict())
    tied = {"lm_head.weight"} if kind == "llama" else set()
    assert found.keys() == expected.keys() - tied
    assert all(torch.equal(value, expected[name]) for name, value in found.items())
    save_merged(network, tmp_path)
    again = logits(PixelForCausalLM.from_pretrained(tmp_path))
    for name, value in logits(network).items():
        assert_close(again[name], value, atol=1e-6, rtol=1e-5, msg=lambda text, name=name: f"{name}: {text}")


def test_adapters_are_merged_as_peft_merges_them_and_stay_as_they_were(tmp_path):
    trainer = trainer_for(tmp_path / "run", "qwen3_moe", adapters=True)
    trainer.train()
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    save_merged(trainer.model, tmp_path / "model")
    after = trainer.model.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    found = logits(PixelForCausalLM.from_pretrained(tmp_path / "model"))
    for name, value in logits(trainer.model.merge_and_unload()).items():
        assert_close(found[name], value, atol=1e-6, rtol=1e-5, msg=lambda text, name=name: f"{name}: {text}")


def test_an_adapter_with_directions_of_its_own_is_refused(tmp_path):
    trainer = trainer_for(tmp_path, adapters=True)
    layer = next(module for module in trainer.model.modules() if hasattr(module, "lora_A"))
    layer.use_dora["default"] = True
    with pytest.raises(SettingError, match="DoRA"):
        merged_weights(trainer.model)
