"""Heads and their shared layer, trained on cached turn states."""

import pytest
import torch

from pixel.data.examples import encode_dataset
from pixel.training.arguments import SettingError
from pixel.training.turn_table import TurnTable
from pixel.training.turn_trainer import TurnTrainer
from tests.training.parts import arguments, losses, tiny_data, tiny_network


@pytest.fixture
def cached(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXEL_CACHE", str(tmp_path / "cache"))


def trainer(folder, network=None, rows=None, **options):
    tokenizer, network = network or tiny_network(shared_size=4)
    given = {"max_steps": 6, "optim": "adamw_torch", "learning_rate": 0.02, "gram_timing": "immediate"} | options
    return TurnTrainer(network, arguments(folder, **given), tiny_data(), processing_class=tokenizer, rows=rows)


def test_losses_fall_and_the_trunk_stays_as_it_is(tmp_path, cached):
    tokenizer, network = tiny_network(shared_size=4)
    before = {name: value.clone() for name, value in network.model.state_dict().items()}
    made = trainer(tmp_path, (tokenizer, network), max_steps=20)
    made.train()
    assert losses(made)[-1] < 0.8 * losses(made)[0]
    for name, value in network.model.state_dict().items():
        assert torch.equal(before[name], value), name


def test_reading_from_the_table_is_reading_the_network(tmp_path, cached):
    tokenizer, network = tiny_network(shared_size=4)
    made = trainer(tmp_path, (tokenizer, network))
    made.train()
    examples = encode_dataset(tiny_data(), tokenizer, 256)
    from pixel.training.read_dataset import read_dataset

    whole = read_dataset(made.merged_network(), examples, tokenizer.pad_token_id, quiet=True)
    table = made.read(made.table)
    assert set(whole) == set(table)
    for name in whole:
        expected, _, groups = whole[name].arrays()
        found, _, same = table[name].arrays()
        order, other = (sorted(range(len(which)), key=which.__getitem__) for which in (groups, same))
        assert torch.allclose(torch.tensor(expected[order]), torch.tensor(found[other]), atol=2e-2), name


def test_objectives_meet_in_the_shared_layer_and_nowhere_else(tmp_path, cached):
    tokenizer, network = tiny_network(shared_size=4)
    made = trainer(tmp_path, (tokenizer, network), max_steps=2)
    made.train()
    logged = made.balancer.last
    assert logged["gradient_norm/eq"] > 0 and logged["gradient_norm/clinical"] > 0
    assert logged["gradient_norm/language"] == 0


def test_packed_turns_are_the_turns_of_each_conversation(tmp_path, cached):
    tokenizer, network = tiny_network(shared_size=4)
    table = TurnTable.of(network, encode_dataset(tiny_data(), tokenizer, 256), tokenizer.pad_token_id)
    both, one = table.batch([3, 5]), table.batch([5])
    assert both["turn_mask"].tolist() == [[1, 1, 1, 2, 2, 2]]
    assert torch.equal(both["turn_states"][0, 3:], one["turn_states"][0])
    part = table.select([3, 5])
    assert torch.equal(part.batch([1])["turn_states"], one["turn_states"])
    assert part.groups.tolist() == table.groups[[3, 5]].tolist()


def test_rows_can_repeat_or_be_left_out(tmp_path, cached):
    made = trainer(tmp_path, rows=[0, 0, 8, 8], per_device_train_batch_size=4, max_steps=1)
    made.train()
    assert len(made.train_dataset) == 4
    counted = {entry: value for entry, value in made.state.log_history[0].items() if entry.startswith("loss_")}
    assert "loss_emotion" in counted and "loss_persona_mode" not in counted  # only odd rows name a mode


def test_resuming_goes_on_to_the_last_bit(tmp_path, cached):
    options = {
        "max_steps": 7, "per_device_train_batch_size": 4, "loss_schedule": "famo", "weighting": "upgrad",
        "gram_ema": 0.5, "train_sampling_strategy": "random", "save_strategy": "steps", "save_steps": 3,
    }  # fmt: skip
    network = {"shared_size": 4, "head_dropout": 0.2}
    unbroken = trainer(tmp_path / "run", tiny_network(**network), **options)
    unbroken.train()
    resumed = trainer(tmp_path / "again", tiny_network(**network), **options)
    resumed.train(resume_from_checkpoint=str(tmp_path / "run" / "checkpoint-3"))
    for name, value in unbroken.model.state_dict().items():
        assert torch.equal(resumed.model.state_dict()[name], value), name
    assert resumed.loss_weights.state_dict() == unbroken.loss_weights.state_dict()
    assert losses(resumed)[-4:] == losses(unbroken)[-4:]


def test_learned_pooling_cannot_be_cached(tmp_path, cached):
    with pytest.raises(SettingError, match="learned pooling changes"):
        trainer(tmp_path, tiny_network(shared_size=4, readout_pooling="attention"))
