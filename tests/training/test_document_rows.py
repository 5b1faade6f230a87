"""Which trainers attend by document, and that a run learns the same with and without."""

import pytest
from torch.testing import assert_close

from pixel.models.document_attention import NAME
from pixel.training.arguments import SettingError
from tests.training.parts import losses, parameters, tiny_network, trainer_for


@pytest.mark.parametrize("packing", [True, False])
@pytest.mark.parametrize("adapters", [True, False])
def test_steps_with_and_without_are_the_same(tmp_path, adapters, packing):
    runs = {}
    for wish in ("auto", "never"):
        options = {"packing": packing, "max_steps": 3, "per_device_train_batch_size": 2, "document_attention": wish}
        trainer = trainer_for(tmp_path / wish, adapters=adapters, **options)
        assert (trainer.pixel.model.config._attn_implementation == NAME) is (wish == "auto")
        trainer.train()
        runs[wish] = losses(trainer), parameters(trainer)
    assert runs["auto"][0] == pytest.approx(runs["never"][0], rel=1e-4)
    assert len(set(runs["auto"][0])) == 3  # it learns
    for name, weight in runs["never"][1].items():
        assert_close(runs["auto"][1][name], weight, atol=1e-5, rtol=1e-4)


def test_a_backbone_that_cannot_goes_on_as_before_unless_it_must(tmp_path):
    tokenizer, network = tiny_network()
    network.model.config.attention_dropout = 0.1
    trainer = trainer_for(tmp_path, network=(tokenizer, network))
    assert network.model.config._attn_implementation == "sdpa" and trainer.args.document_attention == "auto"
    with pytest.raises(SettingError, match="no attention dropout. Mend: document_attention auto"):
        trainer_for(tmp_path, network=(tokenizer, network), document_attention="always")


def test_a_compiled_network_keeps_its_mask(tmp_path):
    with pytest.raises(SettingError, match="torch_compile would compile anew"):
        trainer_for(tmp_path, torch_compile=True, document_attention="always")


def test_a_wish_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(SettingError, match="document_attention: there is no 'sometimes'"):
        trainer_for(tmp_path, document_attention="sometimes")
