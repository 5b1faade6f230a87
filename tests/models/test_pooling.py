import pytest
import torch
from torch.testing import assert_close

from pixel.models.pooling import TurnPooling, turn_membership
from tests.models.parts import POOLINGS

SPANS = torch.tensor([[[1, 3], [5, 5], [-1, -1]]])


def test_a_span_includes_both_ends_and_a_missing_turn_includes_nothing():
    assert turn_membership(SPANS, 7)[0].tolist() == [
        [0, 1, 1, 1, 0, 0, 0],
        [0, 0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ]


@pytest.mark.parametrize("kinds", POOLINGS)
def test_weights_are_shares_of_the_turns_own_tokens(kinds):
    torch.manual_seed(0)
    pooling, count = TurnPooling(8, kinds), len(kinds.split("+"))
    weights = pooling(torch.randn(1, 7, 8), SPANS).view(3, count, 7)
    assert (weights >= 0).all()
    assert_close(weights.sum(-1), torch.tensor([[1.0], [1.0], [0.0]]).expand(3, count))
    assert not weights[turn_membership(SPANS, 7)[0].unsqueeze(1).expand_as(weights) == 0].any()


def test_mean_and_last_are_what_they_are_called():
    hidden = torch.randn(1, 7, 8)
    pooling = TurnPooling(8, "mean+last")
    states = pooling.gather(pooling(hidden, SPANS) @ hidden)[0]
    assert_close(states[0], torch.cat([(hidden[0, 1] + hidden[0, 2] + hidden[0, 3]) / 3, hidden[0, 3]]))
    assert_close(states[1], torch.cat([hidden[0, 5], hidden[0, 5]]))
    assert not states[2].any()


def test_attention_is_a_softmax_of_the_querys_product_with_normalised_states():
    torch.manual_seed(0)
    pooling, hidden = TurnPooling(8, "attention"), torch.randn(1, 7, 8)
    turn = hidden[0, 1:4]
    normal = (turn - turn.mean(-1, keepdim=True)) / (turn.var(-1, unbiased=False, keepdim=True) + 1e-5).sqrt()
    scores = (normal @ pooling.query.weight[0]).exp()
    assert_close(pooling(hidden, SPANS)[0, 0, 1:4], scores / scores.sum())


def test_attention_with_a_zero_query_is_the_mean():
    pooling, hidden = TurnPooling(8, "attention"), torch.randn(1, 7, 8)
    torch.nn.init.zeros_(pooling.query.weight)
    assert_close(pooling(hidden, SPANS), TurnPooling(8, "mean")(hidden, SPANS))


def test_the_weights_send_a_gradient_into_the_query_and_none_into_the_states():
    hidden = torch.randn(1, 7, 8, requires_grad=True)
    pooling = TurnPooling(8, "attention")
    (pooling(hidden, SPANS) * torch.randn(7)).sum().backward()
    assert pooling.query.weight.grad.any()
    assert hidden.grad is None


def test_an_unknown_pooling_is_named():
    with pytest.raises(ValueError, match="no pooling is called 'max'; use mean, last, attention"):
        TurnPooling(8, "mean+max")
