import math

import pytest
import torch

from pixel.objectives.genuine_contrast import genuine_contrast_loss, genuine_pairs

NAN = math.nan


def turns(*values):
    return torch.tensor(values).reshape(1, -1, 1)


def test_it_is_the_sum_over_pairs_written_out():
    genuine, simulated, margin = (1.5, -0.2), (0.3, 2.0, -1.0), 0.7
    expected = sum(math.log1p(math.exp(margin - (g - s))) for g in genuine for s in simulated)
    logits, labels = turns(*genuine, *simulated, 9.0), turns(1.0, 0.5, 0.0, 0.49, 0.2, NAN)
    total, count = genuine_contrast_loss(logits, labels, margin)
    assert total.item() == pytest.approx(expected, rel=1e-5) and count.item() == 6


def test_a_lead_of_exactly_the_margin_costs_log_two():
    total, _ = genuine_contrast_loss(turns(3.0, 2.0), turns(1.0, 0.0), margin=1.0)
    assert total.item() == pytest.approx(math.log(2), rel=1e-5)


def test_only_the_order_counts_and_a_common_shift_changes_nothing():
    logits, labels = torch.randn(2, 4, 1), torch.tensor([[1.0, 0, NAN, 1], [0, 0, 1, NAN]]).unsqueeze(-1)
    torch.testing.assert_close(
        genuine_contrast_loss(logits + 5.0, labels)[0], genuine_contrast_loss(logits, labels)[0], rtol=1e-4, atol=1e-5
    )


def test_pairs_are_formed_across_rows_of_the_batch():
    assert genuine_pairs(torch.tensor([[[0.9]], [[0.1]], [[0.2]]])).item() == 2


def test_gradients_raise_genuine_turns_lower_simulated_ones_and_leave_the_rest():
    logits = torch.zeros(1, 3, 1, requires_grad=True)
    genuine_contrast_loss(logits, turns(1.0, 0.0, NAN))[0].backward()
    genuine, simulated, unknown = logits.grad.flatten().tolist()
    assert genuine < 0 < simulated and genuine == -simulated and unknown == 0.0


def test_one_kind_alone_is_a_differentiable_zero():
    logits = torch.randn(1, 2, 1, requires_grad=True)
    total, count = genuine_contrast_loss(logits, turns(0.9, NAN))
    total.backward()
    assert (total.item(), count.item()) == (0.0, 0.0) and not logits.grad.any()
