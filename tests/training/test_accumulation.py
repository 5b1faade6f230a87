import pytest
import torch
from torch.testing import assert_close

from tests.training.parts import losses, parameters, tiny_data, trainer_for

# Steps of SGD at rate 0.1. Rows are padded to other lengths under other cuts, so sums of float32 differ in the last
# digits: 1e-6 absolute, where an update is about 1e-2.
CLOSE = {"atol": 1e-6, "rtol": 1e-5}


def train(folder, batch: int, accumulation: int, **options):
    trainer = trainer_for(
        folder,
        data=tiny_data(8),
        per_device_train_batch_size=batch,
        gradient_accumulation_steps=accumulation,
        **options,
    )
    before = parameters(trainer)
    trainer.train()
    return trainer, before


@pytest.mark.parametrize("adapters", [False, True], ids=["full", "lora"])
@pytest.mark.parametrize("weighting", ["sum", "upgrad"])
def test_one_row_eight_times_is_the_same_step_as_eight_rows_once(tmp_path, weighting, adapters):
    options = {"weighting": weighting, "adapters": adapters, "max_steps": 2}
    whole, before = train(tmp_path / "whole", 8, 1, **options)
    parts, _ = train(tmp_path / "parts", 1, 8, **options)
    after = parameters(parts)
    moved = 0
    for name, expected in parameters(whole).items():
        assert_close(after[name], expected, **CLOSE, msg=lambda text, name=name: f"{name}: {text}")
        moved += int(not torch.equal(expected, before[name]))
    assert moved > len(after) * 0.8
    assert losses(parts) == pytest.approx(losses(whole), rel=1e-5)
    if weighting == "upgrad":  # the second step was taken with weights that the first step's gradients gave
        assert_close(parts.balancer.weights, whole.balancer.weights, atol=1e-3, rtol=1e-3)
        assert (whole.balancer.weights - 1).abs().max() > 1e-3


def test_components_are_logged_as_means_over_labelled_turns_however_the_step_is_cut(tmp_path):
    whole, _ = train(tmp_path / "whole", 8, 1)
    parts, _ = train(tmp_path / "parts", 1, 8)
    first, second = whole.state.log_history[0], parts.state.log_history[0]
    names = [key for key in first if key.startswith("loss_")]
    assert {"loss_language", "loss_emotion", "loss_emotional_reactions"} <= set(names)
    for name in names:
        assert second[name] == pytest.approx(first[name], rel=1e-4), name


def test_batches_without_a_word_to_learn_cost_nothing_above_the_readout_layer_and_learn_the_same(tmp_path):
    runs = {}
    for only in (True, False):
        trainer = trainer_for(
            tmp_path / str(only), data=tiny_data(8, talk=False), per_device_train_batch_size=2,
            gradient_accumulation_steps=4, read_only_batches=only,
        )  # fmt: skip
        calls = []
        trainer.pixel.model.layers[-1].register_forward_hook(lambda *_, calls=calls: calls.append(1))
        trainer.train()
        runs[only] = (parameters(trainer), len(calls))
    assert runs[True][1] == 0 and runs[False][1] == 4
    for name, expected in runs[False][0].items():
        assert_close(runs[True][0][name], expected, **CLOSE)
