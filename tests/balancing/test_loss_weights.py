import json
import math

import pytest
import torch
from torch.testing import assert_close

from pixel.balancing import LossWeights
from pixel.balancing.schedules import SCHEDULES

NAMES = ("language", "eq", "persona")
TOTAL = 20
EVERYTHING = {
    "base": {"eq": 0.5},
    "momentum": 0.6,
    "bounds": {"language": [0.5, 2.0], "eq": [0.1, 3.0]},
    "priorities": {"persona": [[0.0, 1.0], [1.0, 2.0]]},
    "phases": [
        {"name": "talk", "until": 0.4, "weights": {"persona": 0.5}},
        {"name": "all", "until": 1.0, "transition": 0.3},
    ],
    "crisis": {"patience": 1},
}


def tensor(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def run(weights: LossWeights, steps: range) -> list:
    """Current weights and events of some steps with random losses, gaps and validations."""
    seen = []
    for step in steps:
        generator = torch.Generator().manual_seed(step)
        losses = torch.rand(3, generator=generator, dtype=torch.float64) + 0.1
        rows = torch.randn(3, 4, generator=generator, dtype=torch.float64) * weights.current.unsqueeze(1)
        if step % 3 == 1:
            losses[1], rows[1] = math.nan, 0.0
        weights.step(losses, None if step % 5 == 4 else rows @ rows.T)
        events = weights.validate({"eq": losses[1].item()}) if step % 2 else []
        seen.append((weights.current.tolist(), [event.as_dict() for event in events], weights.last))
    return seen


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_resumed_run_has_the_weights_of_the_unbroken_one_to_the_last_bit(schedule):
    if schedule == "pareto":
        pytest.importorskip("torchjd")
    expected = run(LossWeights(NAMES, TOTAL, schedule, **EVERYTHING), range(TOTAL))
    first, second = (LossWeights(NAMES, TOTAL, schedule, **EVERYTHING) for _ in range(2))
    before = run(first, range(7))
    second.load_state_dict(json.loads(json.dumps(first.state_dict(), allow_nan=False)))
    assert second.current.tolist() == first.current.tolist()
    assert before + run(second, range(7, TOTAL)) == expected
    assert any(events for _, events, _ in expected), "no crisis, or the case shows less than it should"


def test_by_default_every_loss_weighs_one():
    weights = LossWeights(NAMES, TOTAL)
    weights.step(tensor(1.0, 2.0, 3.0))
    assert weights.current.tolist() == [1.0, 1.0, 1.0] and not weights.wants_gram
    assert weights.last == {"loss_weight/language": 1.0, "loss_weight/eq": 1.0, "loss_weight/persona": 1.0}


def test_base_schedule_and_phases_multiply_and_priorities_share_out():
    weights = LossWeights(
        NAMES,
        11,
        options={"weights": {"eq": 2.0}},
        base={"eq": 0.5, "persona": 3.0},
        phases=[{"name": "a", "until": 0.5}, {"name": "b", "until": 1, "weights": {"language": 4.0}}],
        priorities={"language": [[0.0, 1.0], [0.5, 3.0]]},
    )
    assert weights.current.tolist() == [1.0, 1.0, 3.0]
    for _ in range(5):
        weights.step(torch.ones(3))
    # at half the run: (4, 1, 3) of sum 8, times (3, 1, 1) of sum 16
    assert_close(weights.current, tensor(6.0, 0.5, 1.5))
    assert weights.last["loss_weight_phase"] == 1.0


def test_momentum_smooths_a_jump_of_a_phase():
    phases = [{"name": "a", "until": 0.5}, {"name": "b", "until": 1, "weights": {"eq": 3.0}}]
    weights = LossWeights(NAMES, 11, momentum=0.75, phases=phases)
    found = []
    for _ in range(8):
        found.append(weights.current[1].item())
        weights.step(torch.ones(3))
    assert_close(found, [1.0] * 5 + [3 - 2 * 0.75**steps for steps in (1, 2, 3)])


def test_the_gram_matrix_is_rid_of_the_weights_before_the_schedule_sees_it():
    gram = tensor(1.0, 0.5, 0.0, 0.5, 25.0, 1.0, 0.0, 1.0, 4.0).view(3, 3)
    options = {"warmup": 1, "alpha": 0.5}
    alone = SCHEDULES["gradnorm"](NAMES, TOTAL, **options)
    held = LossWeights(NAMES, TOTAL, "gradnorm", options, base={"language": 3.0, "eq": 0.2})
    assert held.wants_gram
    for step in range(6):
        losses = tensor(1.0, 2.0 - 0.1 * step, 3.0)
        alone.observe(step, losses, gram)
        held.step(losses, gram * torch.outer(held.current, held.current))
    assert_close(held.current, alone.weights(6) * tensor(3.0, 0.2, 1.0))


def test_an_objective_of_weight_zero_has_no_gradient_to_learn_from():
    weights = LossWeights(NAMES, TOTAL, "gradnorm", {"warmup": 1}, base={"eq": 0.0})
    for _ in range(3):
        weights.step(torch.ones(3), torch.diag(weights.current**2))
    assert weights.current.tolist() == [1.0, 0.0, 1.0]


def test_bounds_hold_at_every_step_and_the_others_make_up_for_them():
    options = {"start": {"eq": 5.0}, "end": {"eq": 0.0}}
    weights = LossWeights(NAMES, TOTAL, "cosine", options, bounds={"eq": [0.5, 2.0]}, momentum=0.3)
    free = LossWeights(NAMES, TOTAL, "cosine", options, momentum=0.3)
    for _ in range(TOTAL):
        assert 0.5 <= weights.current[1] <= 2.0
        assert_close(weights.current.sum(), free.current.sum())
        for held in (weights, free):
            held.step(torch.ones(3))


def test_a_crisis_raises_the_weight_at_once_at_the_cost_of_the_others_and_is_logged():
    weights = LossWeights(NAMES, TOTAL, crisis={"patience": 1, "factor": 2.0})
    assert weights.validate({"language": 1.0, "eq": 1.0}) == []
    (event,) = weights.validate({"language": 1.0, "eq": 1.5})
    assert (event.kind, event.objective) == ("objective_crisis", "eq")
    assert_close(weights.current, tensor(0.5, 2.0, 0.5))
    assert weights.last["loss_weight_floor/eq"] == 2.0
    weights.step(torch.ones(3))
    assert_close(weights.current, tensor(0.5, 2.0, 0.5))
    (event,) = weights.validate({"eq": 0.9})
    assert event.kind == "objective_recovered"
    assert_close(weights.current, tensor(1.0, 1.0, 1.0))
    assert "loss_weight_floor/eq" not in weights.last


def test_a_crisis_does_not_break_the_upper_bound():
    weights = LossWeights(NAMES, TOTAL, bounds={"eq": [0.0, 1.5]}, crisis={"patience": 1})
    weights.validate({"eq": 1.0})
    weights.validate({"eq": 2.0})
    assert_close(weights.current, tensor(0.75, 1.5, 0.75))


@pytest.mark.parametrize("crisis", [None, {}])
def test_without_a_crisis_rule_validation_says_nothing(crisis):
    weights = LossWeights(NAMES, TOTAL, crisis=crisis)
    assert weights.validate({"eq": 1.0}) == weights.validate({"eq": 9.0}) == []


def test_a_state_of_another_schedule_or_other_objectives_is_refused():
    state = LossWeights(NAMES, TOTAL).state_dict()
    with pytest.raises(ValueError, match="saved with schedule 'fixed', this run has 'dwa'; resume with the same"):
        LossWeights(NAMES, TOTAL, "dwa").load_state_dict(state)
    with pytest.raises(ValueError, match="saved with objectives"):
        LossWeights(NAMES[:2], TOTAL).load_state_dict(state)


def test_a_crisis_rule_added_on_resume_starts_afresh():
    weights = LossWeights(NAMES, TOTAL, crisis={"threshold": 0.1})
    weights.load_state_dict(LossWeights(NAMES, TOTAL).state_dict())
    assert weights.crisis.floors.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"schedule": "warmth"}, "unknown schedule 'warmth'; the schedules are fixed, dwa, cosine"),
        (
            {"schedule": "dwa", "options": {"temp": 1}},
            "schedule dwa does not take \\['temp'\\]: the options are temper",
        ),
        ({"crisis": {"patient": 1}}, "crisis does not take \\['patient'\\]: the options are threshold, patience"),
        ({"crisis": True}, "crisis does not take True"),
        ({"momentum": 1.0}, "momentum must be a number at least 0 and below 1, found 1.0"),
        ({"base": {"x": 1}}, "base names unknown objectives \\['x'\\]; the objectives are language, eq, persona"),
    ],
)
def test_a_wrong_option_is_named_with_its_mend(options, message):
    with pytest.raises(ValueError, match=message):
        LossWeights(NAMES, TOTAL, **options)
