"""Loss weights, crisis rule and priorities inside a real training step."""

import pytest
import torch

from pixel.models.labels import OBJECTIVES
from tests.training.parts import losses, parameters, trainer_for

SCHEDULED = ["dwa", "gradnorm", "pareto", "uncertainty", "famo"]


def test_an_objective_without_weight_teaches_the_trunk_and_its_heads_nothing(tmp_path):
    trainer = trainer_for(tmp_path, objective_weights={"clinical": 0.0}, weighting="sum")
    before = parameters(trainer)
    trainer.train()
    after = parameters(trainer)
    assert all(torch.equal(before[n], after[n]) for n in before if n.startswith(("heads.clinical", "heads.risk")))
    assert any(not torch.equal(before[n], after[n]) for n in before if n.startswith("heads.empathy"))


def test_twice_the_weight_is_twice_the_step_of_the_head(tmp_path):
    def step(weight):
        trainer = trainer_for(tmp_path, objective_weights={"clinical": weight}, weighting="sum")
        before = parameters(trainer)
        trainer.train()
        after = parameters(trainer)
        return torch.cat([(after[n] - before[n]).flatten() for n in before if n.startswith("heads.risk")])

    assert torch.allclose(step(2.0), 2 * step(1.0), rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("schedule", SCHEDULED)
def test_a_schedule_that_learns_moves_the_weights_and_logs_them(tmp_path, schedule):
    options = {"window": 1} if schedule == "dwa" else {"warmup": 1} if schedule == "gradnorm" else {}
    trainer = trainer_for(tmp_path, max_steps=5, loss_schedule=schedule, loss_schedule_options=options)
    trainer.train()
    logged = [entry for entry in trainer.state.log_history if "loss_weight/eq" in entry]
    assert len(logged) == 5 and len(losses(trainer)) == 5
    last = {name: logged[-1][f"loss_weight/{name}"] for name in OBJECTIVES}
    assert last != dict.fromkeys(OBJECTIVES, 1.0)
    assert all(value >= 0 for value in last.values())


def test_a_course_set_beforehand_is_followed_over_the_whole_run(tmp_path):
    phases = [{"name": "one", "until": 0.5, "weights": {"eq": 3.0}}, {"name": "two", "until": 1.0}]
    priorities = {"clinical": [[0, 1], [1, 2]]}
    trainer = trainer_for(tmp_path, max_steps=5, loss_phases=phases, objective_priorities=priorities)
    trainer.train()
    shares = [e["loss_weight/clinical"] / e["loss_weight/language"] for e in trainer.state.log_history if "loss" in e]
    # shown is the weight of the next step: fractions 1/4, 2/4, 3/4, 1 and, after the last, 1
    assert shares == pytest.approx([1.25, 1.5, 1.75, 2.0, 2.0])
    first, last = (trainer.state.log_history[i]["loss_weight/eq"] for i in (0, 4))
    assert first > 1.5 > last


def test_held_out_losses_that_get_worse_raise_the_floor_and_say_so(tmp_path):
    crisis = {"threshold": 0.1, "patience": 1}
    trainer = trainer_for(tmp_path, max_steps=2, objective_crisis=crisis)
    trainer.train()
    assert trainer.validate({"clinical": 1.0}) == []
    (event,) = trainer.validate({"clinical": 1.5})
    assert event.kind == "objective_crisis" and "clinical" in event.message
    place = OBJECTIVES.index("clinical")
    assert trainer.loss_weights.current[place] > 1.0


def test_packed_or_not_the_recipe_path_learns_the_same_turns(tmp_path):
    from pixel.data.examples import encode_dataset
    from tests.training.parts import tiny_data, tiny_network

    tokenizer, network = tiny_network()
    examples = encode_dataset(tiny_data(), tokenizer, 256)
    trainer = trainer_for(tmp_path, network=(tokenizer, network), data=examples, packing=True)
    assert len(trainer.train_dataset) < len(examples)  # what a recipe hands over is packed too
    assert sum(len(x) for x in trainer.train_dataset["input_ids"]) == sum(len(x) for x in examples["input_ids"])
