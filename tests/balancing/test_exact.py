import math

import pytest
import torch
from torch.testing import assert_close

from pixel.balancing.balancer import Balancer
from pixel.balancing.exact import exact_gram, fidelity
from pixel.balancing.fork import Fork
from tests.balancing.parts import OBJECTIVES, Toy, conversations


def test_exact_gram_under_a_paused_fork_is_that_of_separate_backward_passes():
    balancer = Balancer(OBJECTIVES, "upgrad")
    toy, (inputs, pooling) = Toy(Fork(balancer)), conversations()
    with balancer.paused():
        gram = exact_gram(toy.read(toy.trunk(inputs), pooling), toy.trunk)
    assert balancer.log.gram is None
    rows = []
    for name in OBJECTIVES:
        plain = Toy()
        plain.read(plain.trunk(inputs), pooling)[name].backward()
        rows.append(torch.cat([p.grad.flatten() for p in plain.trunk.parameters()]))
    assert_close(gram, torch.stack(rows) @ torch.stack(rows).T, atol=1e-6, rtol=1e-5)


def test_frozen_parameters_are_left_out():
    toy, (inputs, pooling) = Toy(), conversations()
    toy.trunk[0].requires_grad_(False)
    losses = toy.read(toy.trunk(inputs), pooling)
    assert_close(exact_gram(losses, toy.trunk), exact_gram(losses, toy.trunk[2].parameters()))


def angles(*degrees: float) -> torch.Tensor:
    rows = torch.tensor([[math.cos(math.radians(d)), math.sin(math.radians(d))] for d in degrees])
    return rows @ rows.T


def test_a_gram_is_faithful_to_itself_at_any_scale():
    found = fidelity([5 * angles(0, 30, 170), angles(0, 120, 60)], [angles(0, 30, 170), angles(0, 120, 60)])
    assert found.sign_agreement == 1.0
    assert math.isclose(found.correlation, 1.0, abs_tol=1e-6)
    assert found.pairs == 6


def test_agreement_and_correlation_count_pairs():
    # Pairs (0,1), (0,2), (1,2): cosines of 60, 120, 60 degrees against 120, 60, 60.
    found = fidelity(angles(0, 60, 120), angles(0, 120, 60))
    assert math.isclose(found.sign_agreement, 1 / 3)
    assert math.isclose(found.correlation, -0.5, abs_tol=1e-6)


def test_pairs_without_a_gradient_are_not_compared():
    missing = angles(0, 60, 120)
    missing[2], missing[:, 2] = 0, 0
    assert fidelity([missing], [angles(0, 60, 120)]).pairs == 1
    with pytest.raises(ValueError, match="no pair"):
        fidelity(torch.zeros(3, 3), missing)


def test_lists_that_differ_are_an_error():
    with pytest.raises(ValueError, match="found 1 and 2"):
        fidelity([torch.eye(2)], [torch.eye(2)] * 2)
