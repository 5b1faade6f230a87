import json
import math

import pytest
import torch

from pixel.balancing.crisis_rule import CrisisRule

NAMES = ("language", "eq")


def course(rule: CrisisRule, losses: list[float], weight: float = 1.0) -> list[tuple[float, list[str]]]:
    """Floor of eq and kinds of event after each validation; its weight follows its floor."""
    out = []
    for loss in losses:
        floor = rule.floors[1].item()
        events = rule.validate({"language": 1.0, "eq": loss}, torch.tensor([1.0, max(weight, floor)]))
        assert all(event.objective == "eq" for event in events)
        out.append((rule.floors[1].item(), [event.kind for event in events]))
    return out


def test_a_regression_that_lasts_raises_the_floor_to_the_cap_and_says_so():
    rule = CrisisRule(NAMES, threshold=0.1, patience=2, factor=2.0, cap=3.0)
    found = course(rule, [1.0, 1.09, 1.2, 1.2, 1.2, 1.2, 1.2, 1.2])
    crisis = ["objective_crisis"]
    assert found == [
        (0.0, []), (0.0, []), (0.0, []), (2.0, crisis), (2.0, []), (3.0, crisis), (3.0, []), (3.0, crisis)
    ]  # fmt: skip


def test_the_floor_relaxes_step_by_step_on_recovery_and_is_lifted():
    rule = CrisisRule(NAMES, patience=1, factor=2.0, cap=8.0)
    found = course(rule, [1.0, 2.0, 2.0, 1.05, 0.9, 0.9])
    crisis, recovered = ["objective_crisis"], ["objective_recovered"]
    assert found == [(0.0, []), (2.0, crisis), (4.0, crisis), (2.0, recovered), (0.0, recovered), (0.0, [])]


def test_one_bad_validation_among_good_ones_is_forgiven():
    rule = CrisisRule(NAMES, patience=2)
    assert all(not kinds for _, kinds in course(rule, [1.0, 1.5, 1.0, 1.5, 1.0, 1.5]))


def test_what_was_not_measured_changes_nothing():
    rule = CrisisRule(NAMES, patience=2)
    course(rule, [1.0, 1.5])
    assert rule.validate({"eq": math.nan}, torch.ones(2)) == rule.validate({}, torch.ones(2)) == []
    assert course(rule, [1.5])[0][1] == ["objective_crisis"]


def test_an_infinite_loss_is_a_regression():
    assert course(CrisisRule(NAMES, patience=1), [1.0, math.inf])[1] == (2.0, ["objective_crisis"])


def test_an_infinite_loss_is_never_the_best():
    rule = CrisisRule(NAMES, patience=1)
    assert course(rule, [math.inf, 1.0, 2.0]) == [(0.0, []), (0.0, []), (2.0, ["objective_crisis"])]


def test_a_best_below_zero_regresses_upwards():
    assert course(CrisisRule(NAMES, patience=1, threshold=0.5), [-2.0, -1.1])[1] == (0.0, [])
    assert course(CrisisRule(NAMES, patience=1, threshold=0.5), [-2.0, -0.9])[1] == (2.0, ["objective_crisis"])


def test_an_event_tells_the_numbers():
    rule = CrisisRule(NAMES, patience=1, factor=1.5)
    rule.validate({"eq": 0.5}, torch.ones(2))
    (event,) = rule.validate({"eq": 1.0}, torch.tensor([1.0, 0.8]))
    assert event.message == "eq: held-out loss 1, best 0.5; its weight is now at least 1.2"
    assert event.as_dict()["values"] == pytest.approx({"loss": 1.0, "best": 0.5, "floor": 1.2, "weight": 0.8})


def test_a_resumed_rule_goes_on_alike():
    losses = [1.0, 1.3, 1.3, 1.2, 1.3, 0.9, 1.3, 1.3]
    unbroken = course(CrisisRule(NAMES), losses)
    for cut in range(len(losses)):
        first, second = CrisisRule(NAMES), CrisisRule(NAMES)
        before = course(first, losses[:cut])
        second.load_state_dict(json.loads(json.dumps(first.state_dict(), allow_nan=False)))
        assert before + course(second, losses[cut:]) == unbroken


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 0}, "crisis threshold must be a number above 0"),
        ({"patience": 0}, "crisis patience must be a number at least 1"),
        ({"factor": 1}, "crisis factor must be a number above 1"),
        ({"cap": -1}, "crisis cap must be a number above 0"),
    ],
)
def test_a_wrong_option_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        CrisisRule(NAMES, **options)


def test_an_unknown_objective_is_named():
    with pytest.raises(ValueError, match="held-out losses names unknown objectives \\['risk'\\]"):
        CrisisRule(NAMES).validate({"risk": 1.0}, torch.ones(2))
