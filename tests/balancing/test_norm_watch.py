import json

import pytest
import torch
from torch.testing import assert_close

from pixel.balancing.balancer import Balancer
from pixel.balancing.norm_watch import NormWatch

NAMES = ("language", "eq", "persona")
ONES = torch.ones(3, dtype=torch.float64)


def gram(*norms: float) -> torch.Tensor:
    return torch.diag(torch.tensor(norms, dtype=torch.float64)).square()


def test_weights_within_the_cap_stay_as_they_are():
    weights = torch.tensor([1.0, 0.5, 2.0], dtype=torch.float64)
    assert torch.equal(NormWatch(NAMES, cap=3.0)(weights, gram(1.0, 2.0, 0.5)), weights)


def test_a_spike_is_held_to_cap_times_the_median_of_the_others_usual_parts():
    watch = NormWatch(NAMES, cap=2.0)
    for _ in range(5):
        watch(ONES, gram(1.0, 1.0, 2.0))
    weights = watch(ONES, gram(1.0, 50.0, 2.0))
    median_of_the_others = (1.0 + 2.0) / 2
    assert_close(weights, torch.tensor([1.0, 2.0 * median_of_the_others / 50, 1.0], dtype=torch.float64))
    assert watch.medians()["eq"] == 1.0, "one spike does not move the median"
    assert watch.capped == {"language": 0, "eq": 1, "persona": 0}


def test_the_median_forgets_what_left_the_window():
    watch = NormWatch(NAMES, cap=1.0, window=3)
    for norm in (1.0, 1.0, 1.0, 7.0, 8.0):
        watch(ONES, gram(norm, 1.0, 1.0))
    assert watch.medians()["language"] == 7.0  # of 1, 7, 8


def test_an_objective_without_a_gradient_is_neither_judged_nor_remembered():
    watch = NormWatch(NAMES, cap=1.0)
    assert watch(ONES, gram(5.0, 0.0, 0.0)).tolist() == [1.0, 1.0, 1.0], "nobody to compare with"
    assert set(watch.medians()) == {"language"}


def test_its_state_goes_through_json_and_back():
    watch, other = NormWatch(NAMES, cap=2.0, window=4), NormWatch(NAMES, cap=2.0, window=4)
    for norm in (1.0, 2.0, 9.0):
        watch(ONES, gram(norm, 0.0, 3.0))
    other.load_state_dict(json.loads(json.dumps(watch.state_dict())))
    assert other.as_dict() == watch.as_dict()
    assert torch.equal(other(ONES, gram(40.0, 1.0, 1.0)), watch(ONES, gram(40.0, 1.0, 1.0)))


def test_a_state_of_other_objectives_and_a_cap_of_zero_are_refused():
    with pytest.raises(ValueError, match="not \\('a', 'b'\\)"):
        NormWatch("ab", 1.0).load_state_dict(NormWatch(NAMES, 1.0).state_dict())
    with pytest.raises(ValueError, match="norm_cap must be"):
        NormWatch(NAMES, cap=0)


# ── in the balancer ──


@pytest.mark.parametrize("timing", ["immediate", "previous_step"])
def test_with_a_cap_even_the_plain_sum_answers_to_a_spike(timing):
    balancer = Balancer(NAMES, "sum", timing=timing, norm_cap=2.0)
    assert balancer.wants_gram and not Balancer(NAMES, "sum").wants_gram
    balancer.in_backward(gram(1.0, 1.0, 10.0).float())
    balancer.step()
    assert_close(balancer.weights, torch.tensor([1.0, 1.0, 0.2], dtype=torch.float64))
    assert balancer.last["capped/persona"] == 1.0 and balancer.last["median_norm/persona"] == pytest.approx(10.0)


def test_a_resumed_balancer_knows_the_norms_of_before():
    whole, first, second = (Balancer(NAMES, "upgrad", norm_cap=1.5) for _ in range(3))
    steps = [gram(1.0 + i, 2.0, 3.0 * i + 1).float() for i in range(6)]
    for step in steps:
        whole.in_backward(step)
    for step in steps[:3]:
        first.in_backward(step)
    state = {k: v.tolist() if isinstance(v, torch.Tensor) else v for k, v in first.state_dict().items()}
    state = {k: torch.tensor(v) if isinstance(v, list) else v for k, v in json.loads(json.dumps(state)).items()}
    second.load_state_dict(state)
    for step in steps[3:]:
        second.in_backward(step)
    assert torch.equal(second.weights, whole.weights)
    assert second.norm_watch.state_dict() == whole.norm_watch.state_dict()


def test_smoothing_keeps_a_share_of_the_last_weights():
    plain, smooth = Balancer("ab", "mgda"), Balancer("ab", "mgda", smoothing=0.75)
    harsh = torch.tensor([[1.0, 0.0], [0.0, 9.0]])
    answer = plain.in_backward(harsh)
    once = 0.75 + 0.25 * answer  # from weights of 1
    assert_close(smooth.in_backward(harsh), once)
    assert_close(smooth.in_backward(harsh), 0.75 * once + 0.25 * answer)


def test_a_share_out_of_range_is_refused():
    with pytest.raises(ValueError, match="smoothing must be"):
        Balancer("ab", smoothing=1.0)
