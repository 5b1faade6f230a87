"""Every way of multiplying the experts' matrices gives the same training."""

import pytest
from torch.testing import assert_close

from pixel.training.arguments import SettingError
from tests.training.parts import losses, parameters, tiny_network, trainer_for


def trained(folder, implementation: str):
    network = tiny_network("qwen3_moe", experts_implementation=implementation)
    trainer = trainer_for(folder, network=network, max_steps=2, per_device_train_batch_size=16)
    trainer.train()
    return trainer


@pytest.mark.parametrize("implementation", ["batched_mm", "eager"])
def test_grouped_experts_train_as_the_others_do(tmp_path, implementation):
    grouped, other = trained(tmp_path / "grouped", "grouped_mm"), trained(tmp_path / "other", implementation)
    said = [t.pixel.model.layers[0].mlp.experts.config._experts_implementation for t in (grouped, other)]
    assert said == ["grouped_mm", implementation]
    assert losses(grouped) == pytest.approx(losses(other), rel=1e-5)
    expected = parameters(other)
    for name, value in parameters(grouped).items():
        assert_close(value, expected[name], atol=1e-5, rtol=1e-4, msg=lambda text, name=name: f"{name}: {text}")


def test_an_unknown_way_is_refused():
    with pytest.raises(SettingError, match="there is no 'fast'"):
        tiny_network("qwen3_moe", experts_implementation="fast")


def test_a_network_without_experts_has_no_way_to_choose():
    with pytest.raises(SettingError, match="mixture of experts"):
        tiny_network("llama", experts_implementation="eager")
