"""What every schedule has to keep, whatever its strategy."""

import json
import math

import pytest
import torch
from torch.testing import assert_close

from pixel.balancing.schedules import SCHEDULES

NAMES = ("language", "eq", "persona")
TOTAL = 20
OPTIONS = {
    "fixed": {"weights": {"eq": 0.3}},
    "dwa": {"window": 3},
    "cosine": {"start": {"eq": 0.0}, "cycles": 2},
    "exponential": {"start": {"eq": 0.0}},
    "gradnorm": {"warmup": 2},
}
ADAPTIVE = ("dwa", "gradnorm", "pareto", "uncertainty", "famo")


def build(name: str, names=NAMES, **options):
    if name == "pareto":
        pytest.importorskip("torchjd")
    return SCHEDULES[name](names, TOTAL, **(OPTIONS.get(name, {}) | options))


def observation(step: int, k: int = 3) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Losses of a step with now and then a gap, and a Gram matrix with now and then none."""
    generator = torch.Generator().manual_seed(step)
    losses = torch.rand(k, generator=generator, dtype=torch.float64) * torch.tensor([3.0, 0.7, 10.0]) + 0.1
    rows = torch.randn(k, 4, generator=generator, dtype=torch.float64) * torch.tensor([[1.0], [5.0], [0.2]])
    if step % 3 == 1:
        losses[1], rows[1] = math.nan, 0.0
    return losses, None if step % 5 == 4 else rows @ rows.T


def run(schedule, steps: range) -> list[list[float]]:
    seen = []
    for step in steps:
        seen.append(schedule.weights(step).tolist())
        schedule.observe(step, *observation(step))
    return seen


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_resumed_run_has_the_weights_of_the_unbroken_one_to_the_last_bit(name):
    unbroken = build(name)
    expected = run(unbroken, range(TOTAL))
    first, second = build(name), build(name)
    before = run(first, range(7))
    second.load_state_dict(json.loads(json.dumps(first.state_dict(), allow_nan=False)))
    assert before + run(second, range(7, TOTAL)) == expected
    assert second.state_dict() == unbroken.state_dict()


@pytest.mark.parametrize("name", SCHEDULES)
def test_weights_are_finite_float64_not_negative_and_the_caller_s_own(name):
    schedule = build(name)
    for step in range(TOTAL):
        weights = schedule.weights(step)
        assert weights.dtype == torch.float64 and weights.shape == (3,)
        assert bool(weights.isfinite().all()) and bool((weights >= 0).all())
        weights.zero_()  # what a caller does to its copy stays with the caller
        schedule.observe(step, *observation(step))
    assert schedule.weights(TOTAL).sum() > 0


@pytest.mark.parametrize("name", ADAPTIVE)
def test_adaptive_weights_move_and_keep_mean_one(name):
    schedule = build(name)
    weights = torch.tensor(run(schedule, range(TOTAL)), dtype=torch.float64)
    assert_close(weights.mean(1), torch.ones(TOTAL, dtype=torch.float64))
    assert (weights[-1] - 1).abs().max() > 1e-3


@pytest.mark.parametrize("name", SCHEDULES)
def test_what_a_schedule_does_not_want_makes_no_difference(name):
    full, spare = build(name), build(name)
    for step in range(TOTAL):
        losses, gram = observation(step)
        full.observe(step, losses, gram)
        spare.observe(step, losses if spare.wants_losses else None, gram if spare.wants_gram else None)
    assert full.state_dict() == spare.state_dict()
    assert (full.wants_losses or full.wants_gram) == (name in ADAPTIVE)


@pytest.mark.parametrize("name", SCHEDULES)
def test_nothing_labelled_and_nothing_measured_keeps_the_weights(name):
    schedule = build(name)
    run(schedule, range(6))
    before = schedule.weights(6)
    schedule.observe(6, torch.full((3,), math.nan), None)
    after = schedule.weights(6)
    assert_close(after, before, rtol=0, atol=0)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("broken", [math.inf, -math.inf, math.nan])
def test_a_step_gone_wrong_does_not_spoil_the_weights(name, broken):
    schedule = build(name)
    run(schedule, range(6))
    schedule.observe(6, torch.tensor([broken, 0.0, -1.0]), torch.full((3, 3), broken))
    run(schedule, range(7, TOTAL))
    assert bool(schedule.weights(TOTAL).isfinite().all())


@pytest.mark.parametrize("name", SCHEDULES)
def test_an_objective_that_is_never_labelled_weighs_something_finite(name):
    schedule = build(name)
    for step in range(TOTAL):
        losses, gram = observation(step)
        losses[2] = math.nan
        if gram is not None:
            gram[2], gram[:, 2] = 0.0, 0.0
        schedule.observe(step, losses, gram)
    assert 0.0 < schedule.weights(TOTAL)[2] < 3.0


@pytest.mark.parametrize("name", SCHEDULES)
def test_one_objective_alone_is_not_divided_by_nothing(name):
    options = {"weights": {}} if name == "fixed" else {"start": {}} if name in ("cosine", "exponential") else {}
    schedule = build(name, names=("language",), **options)
    for step in range(4):
        schedule.observe(step, torch.tensor([2.0]), torch.tensor([[4.0]]))
    assert_close(schedule.weights(4), torch.ones(1, dtype=torch.float64))


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_state_of_other_objectives_or_another_schedule_is_refused(name):
    schedule = build(name)
    state = schedule.state_dict()
    with pytest.raises(ValueError, match="resume with the options"):
        schedule.load_state_dict(state | {"unheard_of": 1.0})
    tensors = {key: value for key, value in state.items() if isinstance(value, list)}
    if tensors:
        key = next(iter(tensors))
        with pytest.raises(ValueError, match="has 2 objectives, this run 3"):
            schedule.load_state_dict(state | {key: [1.0, 1.0]})


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("fixed", {"weights": {"eqq": 1.0}}, "weights names unknown objectives \\['eqq'\\]; .*language, eq, persona"),
        ("fixed", {"weights": {"eq": -1}}, "weights\\[eq\\] must be a number at least 0, found -1"),
        ("fixed", {"weights": dict.fromkeys(NAMES, 0)}, "weights leaves no objective with a weight"),
        ("dwa", {"temperature": 0}, "temperature must be a number above 0, found 0"),
        ("dwa", {"window": 2.5}, "window must be a whole number"),
        ("cosine", {"cycles": 0}, "cycles must be a number at least 1"),
        ("exponential", {"half_life": "soon"}, "half_life must be a number above 0, found 'soon'"),
        ("curriculum", {"phases": []}, "phases must be a list of phases"),
        ("gradnorm", {"smoothing": 1}, "smoothing must be a number at least 0 and below 1, found 1"),
        ("pareto", {"floor": 0}, "floor must be a number above 0 and at most 1"),
        ("uncertainty", {"learning_rate": math.inf}, "learning_rate must be a number above 0"),
        ("famo", {"minimum": {"x": 0}}, "minimum names unknown objectives"),
    ],
)
def test_a_wrong_option_is_named_with_its_range(name, options, message):
    with pytest.raises(ValueError, match=message):
        build(name, **options)


def test_numbers_that_yaml_reads_as_text_are_numbers():
    assert build("uncertainty", learning_rate="1e-3").learning_rate == 0.001


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="losses must be \\[3\\]"):
        build("fixed").observe(0, torch.ones(2), None)
    with pytest.raises(ValueError, match="total_steps must be a number at least 1, found -1"):
        SCHEDULES["fixed"](NAMES, -1)
