"""Likelihoods of replies: the same as the network's own loss, whatever they are batched with."""

import numpy as np
import pytest
import torch

from pixel.evaluation.conversation.exchanges import Exchange
from pixel.evaluation.conversation.preference import LEAST, pointwise_information, reply_log_likelihood
from tests.training.parts import tiny_network


@pytest.fixture(scope="module")
def tiny():
    tokenizer, network = tiny_network()
    return tokenizer, network.eval()


TALK = [{"role": "user", "content": "I cannot sleep."}]


def test_it_is_the_network_s_own_loss_on_the_reply(tiny):
    tokenizer, network = tiny
    head = tokenizer.apply_chat_template(TALK, tokenize=False, add_generation_prompt=True)
    head = tokenizer(head, add_special_tokens=False)["input_ids"]
    tail = tokenizer("That is hard.", add_special_tokens=False)["input_ids"]
    ids = torch.tensor([head + tail])
    with torch.no_grad():
        logits = network(input_ids=ids).logits[0, len(head) - 1 : -1].float()
    expected = -torch.nn.functional.cross_entropy(logits, torch.tensor(tail)).item()
    assert reply_log_likelihood([TALK], ["That is hard."], tokenizer, network)[0] == pytest.approx(expected, abs=1e-4)


def test_neighbours_in_the_batch_change_nothing(tiny):
    replies = ["Yes.", "That sounds like a long and very tiring night for you.", "Tell me more."]
    talks = [TALK, LEAST, TALK * 3]
    together = reply_log_likelihood(talks, replies, *tiny)
    alone = [reply_log_likelihood([a], [b], *tiny)[0] for a, b in zip(talks, replies, strict=True)]
    one_by_one = reply_log_likelihood(talks, replies, *tiny, batch_tokens=1)
    assert together == pytest.approx(alone, abs=1e-4) and one_by_one == pytest.approx(alone, abs=1e-4)


def test_information_is_the_gain_over_a_mere_greeting(tiny):
    one = Exchange("1", "g", ("I cannot sleep.",), "Since when?", tuple(TALK))
    greeted = one._replace(messages=tuple(LEAST))
    found = pointwise_information([one, greeted], *tiny)
    expected = reply_log_likelihood([TALK], ["Since when?"], *tiny) - reply_log_likelihood(
        [LEAST], ["Since when?"], *tiny
    )
    assert found[0] == pytest.approx(expected[0], abs=1e-4) and found[1] == pytest.approx(0.0, abs=1e-4)


def test_a_reply_without_tokens_has_no_likelihood(tiny):
    assert np.isnan(reply_log_likelihood([TALK], [""], *tiny)[0])
