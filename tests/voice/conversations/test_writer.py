"""A causal model as a writer."""

import pytest
import torch

from pixel.training.chat_tokenizer import byte_tokenizer
from pixel.training.loading import tiny_config
from pixel.voice.conversations.writer import CausalWriter

PROMPT = [{"role": "user", "content": "Say something."}]


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    folder, tokenizer = tmp_path_factory.mktemp("tiny"), byte_tokenizer()
    AutoModelForCausalLM.from_config(tiny_config("llama", len(tokenizer))).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return CausalWriter(str(folder), "cpu")


def test_the_same_seed_writes_the_same_and_another_one_something_else(writer):
    once, again, other = (writer.write(PROMPT, 3, seed, 12) for seed in (1, 1, 2))
    assert once == again != other and len(once) == 3


def test_writing_leaves_the_random_state_alone(writer):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    writer.write(PROMPT, 1, 0, 4)
    assert torch.equal(torch.rand(1), expected)


def test_a_prompt_longer_than_the_context_still_writes(writer):
    long = [{"role": "user", "content": "a " * writer.longest}]
    assert len(writer.write(long, 1, 0, 4)) == 1
