import pytest
import torch

from pixel.objectives import IGNORE, language_loss


def test_matches_the_log_probability_of_each_following_token():
    torch.manual_seed(0)
    logits, labels = torch.randn(2, 5, 7), torch.randint(0, 7, (2, 5))
    labels[0, :3] = IGNORE
    log = logits.log_softmax(-1)
    learnt = [(row, at) for row in range(2) for at in range(1, 5) if labels[row, at] != IGNORE]
    expected = -sum(log[row, at - 1, labels[row, at]] for row, at in learnt)
    total, count = language_loss(logits, labels)
    torch.testing.assert_close(total, expected)
    assert count.item() == len(learnt)


def test_nothing_to_learn_is_a_differentiable_zero():
    logits = torch.randn(1, 3, 4, requires_grad=True)
    total, count = language_loss(logits, torch.full((1, 3), IGNORE))
    total.backward()
    assert (total.item(), count.item()) == (0.0, 0.0) and not logits.grad.any()


def test_bfloat16_logits_give_a_float32_loss():
    assert language_loss(torch.randn(1, 3, 4).bfloat16(), torch.tensor([[0, 1, 2]]))[0].dtype == torch.float32


def test_misshapen_labels_are_refused():
    with pytest.raises(ValueError, match="labels are"):
        language_loss(torch.randn(1, 3, 4), torch.zeros(1, 4, dtype=torch.long))
