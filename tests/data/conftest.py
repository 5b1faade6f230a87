"""A byte-level tokenizer and small helpers that the tests of `pixel.data` share."""

import pytest

from pixel.data.schema import conversation
from pixel.training.chat_tokenizer import byte_tokenizer


@pytest.fixture(scope="session")
def tokenizer():
    """256 bytes and three special tokens, with Pixel's ChatML template."""
    return byte_tokenizer()


@pytest.fixture(scope="session")
def talk():
    """`talk(*contents, system=None, **columns)`: a row of the schema with alternating user and assistant turns."""

    def build(*contents, system=None, id="talk", **columns):
        roles = ("user", "assistant")
        messages = [{"role": roles[number % 2], "content": text} for number, text in enumerate(contents)]
        if system:
            messages.insert(0, {"role": "system", "content": system})
        return conversation(messages, id=id, source="test", licence="Apache-2.0", **columns)

    return build
