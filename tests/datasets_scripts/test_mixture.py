"""The corpora of a run: limits, repeats, labels left out, licences."""

import pytest

from datasets_scripts.mixture import load_mixture
from pixel.data.errors import ConversationError
from pixel.training.arguments import DataArguments
from pixel.training.chat_tokenizer import byte_tokenizer


def mixture(**options):
    return load_mixture(DataArguments(**options), byte_tokenizer(), 2048)


def test_ignored_labels_are_neither_learned_nor_measured():
    small = mixture(limit={"seed": 6}, ignore_labels={"seed": ["vad", "risk"]})
    for examples in (small.train, small.unmixed, small.validation["seed"]):
        assert not {"vad", "risk"} & set(examples.column_names)
        assert "emotion" in examples.column_names


def test_a_limit_counts_conversations_and_a_repeat_shows_them_again():
    small = mixture(limit={"seed": 5}, repeat={"seed": 3})
    assert small.rows["seed"][0] == 5
    assert len(small.train) == 3 * len(small.unmixed)
    assert set(small.unmixed["row_id"]) == set(small.train["row_id"])


def test_nothing_left_is_said_plainly():
    with pytest.raises(ConversationError, match="no conversation is left.*Mend"):
        mixture(exclude_licences=["apache"])


def test_licences_are_reported_by_corpus():
    assert mixture(limit={"seed": 2}).licences == {"seed": ["Apache-2.0"]}


def test_what_is_trained_on_counts_as_seen_and_what_is_held_out_does_not():
    from pixel.data.seed import load_seed

    splits = load_seed(DataArguments().validation, 0)
    seen = mixture().seen
    assert all(seen.seen(row) for row in splits["train"])
    assert not any(seen.seen(row) for row in splits["validation"])
