"""The heads' losses in the trainer are those that the objectives compute from the model's read-outs."""

import pytest
import torch
from torch import nn

from pixel.data.collator import PixelCollator
from pixel.objectives import objective_losses
from tests.training.parts import losses, tiny_data, tiny_network, trainer_for


def by_hand(trainer) -> tuple[dict, dict, torch.Tensor]:
    """Objectives, components and the language loss of all rows at once, from a plain forward pass."""
    batch = PixelCollator(256)([trainer.train_dataset[index] for index in range(len(trainer.train_dataset))])
    given = {name: batch[name] for name in ("input_ids", "attention_mask", "turn_spans", "turn_mask")}
    with torch.no_grad():
        output = trainer.pixel(**given)
    language = nn.functional.cross_entropy(
        output.logits[:, :-1].flatten(0, 1), batch["labels"][:, 1:].flatten(), ignore_index=-100
    )
    objectives, components = objective_losses(output.readouts, batch)
    return objectives, components, language


@pytest.mark.parametrize(("batch", "accumulation"), [(8, 1), (2, 4)])
def test_losses_of_a_step_are_the_objectives_own_weighted(tmp_path, batch, accumulation):
    weights = {"language": 0.5, "eq": 2.0, "clinical": 0.25}
    trainer = trainer_for(
        tmp_path, data=tiny_data(8), per_device_train_batch_size=batch, gradient_accumulation_steps=accumulation,
        objective_weights=weights, learning_rate=0.0,
    )  # fmt: skip
    objectives, components, language = by_hand(trainer)
    trainer.train()
    for name, expected in components.items():
        if f"loss_{name}" in trainer.state.log_history[0]:
            assert losses(trainer, f"loss_{name}")[0] == pytest.approx(expected.item(), rel=1e-4), name
        else:
            assert expected == 0.0, name
    whole = 0.5 * language + sum(weights.get(name, 1.0) * loss for name, loss in objectives.items())
    assert losses(trainer)[0] == pytest.approx(whole.item(), rel=1e-4)


def test_a_component_that_nobody_labelled_is_missing_from_the_log_and_not_zero(tmp_path):
    data = tiny_data(8).remove_columns(["risk"])
    trainer = trainer_for(tmp_path, data=data)
    trainer.train()
    assert losses(trainer, "loss_risk") == []
    assert len(losses(trainer, "loss_emotion")) == 1


def test_evaluation_logs_every_component(tmp_path):
    trainer = trainer_for(tmp_path, learning_rate=0.0, per_device_eval_batch_size=16)
    trainer.eval_dataset = trainer.train_dataset
    _, components, language = by_hand(trainer)
    trainer.train()
    logged = trainer.evaluate()
    entry = trainer.state.log_history[-1]
    assert entry["eval_loss_language"] == pytest.approx(language.item(), rel=1e-4)
    for name, expected in components.items():
        if expected > 0:
            assert entry[f"eval_loss_{name}"] == pytest.approx(expected.item(), rel=1e-4), name
    assert logged["eval_loss"] == pytest.approx(language.item() + sum(c.item() for c in components.values()), rel=1e-3)
    assert "balance_weight/language" not in entry


def test_evaluation_in_small_batches_weighs_components_by_their_labels(tmp_path):
    whole = trainer_for(tmp_path / "a", per_device_eval_batch_size=16)
    small = trainer_for(tmp_path / "b", per_device_eval_batch_size=3)
    entries = []
    for trainer in (whole, small):
        trainer.evaluate(trainer.train_dataset)
        entries.append(trainer.state.log_history[-1])
    for name in ("eval_loss_language", "eval_loss_emotion", "eval_loss_risk", "eval_loss_vad"):
        assert entries[1][name] == pytest.approx(entries[0][name], rel=1e-4), name


def test_heads_learn_at_their_own_rate(tmp_path):
    trainer = trainer_for(tmp_path, learning_rate=0.1, head_learning_rate=0.3, lr_scheduler_type="linear", max_steps=2)
    trainer.create_optimizer_and_scheduler(num_training_steps=2)
    heads = {id(p) for name, p in trainer.pixel.named_parameters() if name.startswith("heads.")}
    seen = set()
    for group in trainer.optimizer.param_groups:
        mine = [id(p) in heads for p in group["params"]]
        assert mine and all(mine) or not any(mine)
        assert group["lr"] == (0.3 if mine[0] else 0.1)
        assert not seen & {id(p) for p in group["params"]}
        seen |= {id(p) for p in group["params"]}
    assert seen == {id(p) for p in trainer.pixel.parameters() if p.requires_grad}
    assert {group["weight_decay"] for group in trainer.optimizer.param_groups} == {0.0}


def test_heads_move_three_times_as_far_at_three_times_the_rate(tmp_path):
    moves = {}
    for rate in (0.1, 0.3):
        for adapters in (False, True):
            trainer = trainer_for(tmp_path / f"{rate}{adapters}", adapters=adapters, head_learning_rate=rate)
            before = {n: p.detach().clone() for n, p in trainer.pixel.named_parameters() if p.requires_grad}
            trainer.train()
            after = dict(trainer.pixel.named_parameters())
            moves[rate, adapters] = {n: after[n].detach() - p for n, p in before.items()}
    for adapters in (False, True):
        for name, slow in moves[0.1, adapters].items():
            expected = 3 * slow if name.startswith("heads.") else slow
            torch.testing.assert_close(moves[0.3, adapters][name], expected, atol=1e-6, rtol=1e-4)


def test_a_network_with_one_head_trains(tmp_path):
    trainer = trainer_for(tmp_path, network=tiny_network(fields=["risk"]), per_device_train_batch_size=16)
    trainer.train()
    assert losses(trainer, "loss_risk") and not losses(trainer, "loss_emotion")


def test_a_conversation_longer_than_the_context_is_cut_into_windows_that_keep_every_label(tmp_path):
    trainer = trainer_for(tmp_path, max_length=64, per_device_train_batch_size=64, learning_rate=0.0)
    whole = trainer_for(tmp_path, max_length=256, per_device_train_batch_size=64, learning_rate=0.0)
    assert max(len(ids) for ids in trainer.train_dataset["input_ids"]) <= 64 < len(whole.train_dataset["input_ids"][0])
    found = []
    for each in (trainer, whole):
        columns = (each.train_dataset[name] for name in ("emotion", "risk", "emotional_reactions"))
        found.append([sum(x is not None for turns in column for x in turns or ()) for column in columns])
    assert found[0] == found[1]
    trainer.train()
    assert losses(trainer, "loss_risk")
