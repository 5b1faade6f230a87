"""What is done to people's replies for the contrasts: the words stay, or as many of them."""

from collections import Counter

import numpy as np
import pytest

from recipes.conversation_quality import disorders, options

CHUNK = ["I think that is hard for you, is it not?", "Tell me a little more about the night before."]


def test_shuffling_keeps_every_word_in_its_reply_and_moves_some():
    for name in ("all words in any order", "three in ten words in any order"):
        changed = [disorders()[name](CHUNK, np.random.default_rng(seed)) for seed in range(5)]
        for one in changed:
            assert [Counter(reply.split()) for reply in one] == [Counter(reply.split()) for reply in CHUNK]
        assert any(one != CHUNK for one in changed)


def test_a_loop_is_as_long_and_says_one_thing():
    looped = disorders()["one reply again and again"](CHUNK, np.random.default_rng(0))
    assert len(" ".join(looped).split()) == len(" ".join(CHUNK).split())
    assert set(" ".join(looped).split()) in ({*CHUNK[0].split()}, {*CHUNK[1].split()})


def test_a_data_root_is_needed(capsys):
    with pytest.raises(SystemExit):
        options(["measure"])
    assert "--data_root" in capsys.readouterr().err
