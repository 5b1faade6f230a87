from math import hypot

import pytest
import torch

from pixel.benchmarks.toy_problem import (
    LOWER,
    STARTS_A,
    STARTS_B,
    distance_to_pareto,
    objectives,
    pareto_point,
)


def by_autograd(x: torch.Tensor) -> list[torch.Tensor]:
    """The definition, in torch."""
    a, b = x
    above, below = torch.tanh(b / 2).clamp(min=0), torch.tanh(-b / 2).clamp(min=0)
    one = (0.5 * (-a - 7) - torch.tanh(-b)).abs().clamp(min=LOWER).log() + 6
    two = (0.5 * (-a + 3) + torch.tanh(-b) + 2).abs().clamp(min=LOWER).log() + 6
    left = ((-a + 7) ** 2 + 0.1 * (-b - 8) ** 2) / 10 - 20
    right = ((-a - 7) ** 2 + 0.1 * (-b - 8) ** 2) / 10 - 20
    return [above * one + below * left, above * two + below * right]


@pytest.mark.parametrize("point", {*STARTS_A, *STARTS_B, (3.0, -8.0), (1.3, 4.0), (-5.0, 0.3)})
def test_values_and_gradients_are_autograds(point):
    x = torch.tensor(point, dtype=torch.float64, requires_grad=True)
    expected = by_autograd(x)
    values, *gradients = objectives(point)
    assert values == pytest.approx([f.item() for f in expected])
    for f, gradient in zip(expected, gradients, strict=True):
        assert gradient == pytest.approx(torch.autograd.grad(f, x, retain_graph=True)[0].tolist())


def test_the_clamps_pass_their_gradient_on_at_the_origin():
    # (0, 0) is a start: with a subgradient of 0 nothing would ever move there.
    _, first, second = objectives((0.0, 0.0))
    assert hypot(*first) > 1 and hypot(*second) > 1


def test_the_scale_multiplies_the_first_objective_alone():
    values, first, second = objectives((1.0, -2.0), scale=0.1)
    plain, first_plain, second_plain = objectives((1.0, -2.0))
    assert values == pytest.approx((0.1 * plain[0], plain[1]))
    assert first == pytest.approx([0.1 * g for g in first_plain]) and second == second_plain


@pytest.mark.parametrize("x1", [-6.5, -2.0, 0.0, 5.0])
def test_on_the_pareto_set_the_gradients_point_against_each_other(x1):
    _, first, second = objectives(pareto_point(x1))
    cosine = sum(p * q for p, q in zip(first, second, strict=True)) / (hypot(*first) * hypot(*second))
    assert cosine == pytest.approx(-1.0, abs=1e-9)


def test_the_middle_of_the_pareto_set_is_where_the_literature_has_it():
    assert pareto_point(0.0)[1] == pytest.approx(-8.355, abs=1e-3)
    assert distance_to_pareto((10.0, pareto_point(7.0)[1])) == pytest.approx(3.0)
    with pytest.raises(ValueError, match="-7, 7"):
        pareto_point(7.1)
