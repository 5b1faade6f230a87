import numpy as np
import pytest
import torch

from pixel.training.chat_tokenizer import byte_tokenizer
from pixel.voice.personality.consistency.surprise import Told


class Echo(torch.nn.Module):
    """Expects, at every place, a byte that was there before: e to one each time it was, whatever the order."""

    def __init__(self, size):
        super().__init__()
        self.size, self.own = size, torch.nn.Parameter(torch.zeros(1))

    def forward(self, input_ids, attention_mask):
        seen = torch.nn.functional.one_hot(input_ids, self.size) * attention_mask.unsqueeze(-1)
        return type("Out", (), {"logits": (seen.cumsum(1) > 0).float() * 5 + self.own})


@pytest.fixture
def told():
    tokenizer = byte_tokenizer()
    return Told(Echo(len(tokenizer)), tokenizer, batch=2)


def test_a_turn_that_takes_up_what_was_said_is_told_more(told):
    same, other = told([("the cat sat", "the cat"), ("zzz zzz", "the cat")])
    assert same > 0.1 and same > other


def test_the_figure_is_the_difference_of_surprises_a_token(told):
    pair = ("abc", "cab")
    tokenizer, model = told.tokenizer, told.model

    @torch.no_grad()
    def nats(before):
        ids = tokenizer(before + " cab\n", add_special_tokens=False)["input_ids"]
        size = len(tokenizer(" cab\n", add_special_tokens=False)["input_ids"])
        tokens = torch.tensor([ids])
        logp = model(tokens, torch.ones_like(tokens)).logits.log_softmax(-1)[0]
        return -sum(float(logp[place - 1, ids[place]]) for place in range(len(ids) - size, len(ids))), size

    alone, size = nats("\n-")
    after, _ = nats("\n- abc\n-")
    assert told([pair])[0] == pytest.approx((alone - after) / size, rel=1e-4)


def test_batches_change_nothing_and_order_is_kept(told):
    pairs = [("a" * n, "b" * (7 - n) + "a") for n in range(1, 7)]
    single = Told(told.model, told.tokenizer, batch=1)
    np.testing.assert_allclose(told(pairs), single(pairs), atol=1e-5)
    assert told([]).shape == (0,)
