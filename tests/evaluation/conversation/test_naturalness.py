"""People's replies are usual among people's; word salad, loops and shouting are not."""

import numpy as np
import pytest

from pixel.evaluation.conversation.naturalness import NaturalnessReader, chunks, fit_naturalness
from pixel.evaluation.conversation.text_marks import FEATURES, SIZE, order_table, text_marks

FLAT = np.zeros((SIZE, SIZE), dtype=np.float16)
STARTS = ("I think that", "It is hard when", "You said that", "Maybe", "So if", "I know that")
MIDDLES = ("the work at home", "my sister and the dog", "what they say to you", "all of this", "the long night")
ENDS = ("is too much for me.", "would be good to look at.", "can get better, you know.", "was hard?", "is not easy.")


def people(count, seed=0):
    draw = np.random.default_rng(seed)

    def sentence():
        return " ".join(part[int(draw.integers(len(part)))] for part in (STARTS, MIDDLES, ENDS))

    return [[" ".join(sentence() for _ in range(int(draw.integers(1, 4)))) for _ in range(4)] for _ in range(count)]


def marks(*replies):
    return dict(zip(FEATURES, text_marks(replies, FLAT), strict=True))


def test_marks_are_those_counted_by_hand():
    found = marks("I can't, I can't. You?", "I can go")
    # words: i can't i can't you i can go; sentences of 6, 1 and 3 runs of letters ("can't" is two)
    assert found["i"] == pytest.approx(3 / 8)
    assert found["you"] == pytest.approx(1 / 8)
    assert found["contractions"] == pytest.approx(2 / 8)
    assert found["commas"] == found["ends"] == pytest.approx(1 / 8)
    assert found["questions"] == pytest.approx(1 / 3)
    assert found["sentence"] == pytest.approx(np.log((6 + 1 + 3) / 3))
    assert found["distinct"] == pytest.approx(5 / 8**0.8)  # i, can't, you, can, go
    assert found["openings"] == 0.0  # "i can't" and "i can"


def test_repetition_is_the_share_of_runs_that_were_there_before():
    # runs of three: a b c, b c a, c a b, a b c: one of four was there
    assert marks("a b c a b c")["repeated"] == pytest.approx(1 / 4)


def test_order_rewards_neighbours_that_go_together():
    table = order_table(["it is what it is"] * 40 + ["you can go"] * 40)
    ordered = text_marks(["it is"], table)[0]
    assert ordered > text_marks(["is it"], table)[0]
    assert text_marks(["it is"], order_table([]))[0] == 0.0  # nothing seen, nothing known


def test_no_words_no_marks():
    assert text_marks(["...", "?!"], FLAT) is None


def test_chunks_are_whole_replies_of_sixty_words_and_the_rest_joins_the_last():
    reply = " ".join(["word"] * 25)
    assert [len(chunk) for chunk in chunks([reply] * 7)] == [3, 4]
    assert chunks([reply] * 2) == []


def test_people_s_own_chunks_are_spread_evenly():
    known = people(400)
    table = order_table([reply for chunk in known for reply in chunk])
    reader = NaturalnessReader(tensors=fit_naturalness(known, table))
    far = [reader.distance(chunk) for chunk in people(300, 1)]
    places = 1 - np.searchsorted(reader.tensors["distances"], far) / len(reader.tensors["distances"])
    assert np.mean(places) == pytest.approx(0.5, abs=0.06)


def test_word_salad_and_loops_are_far_from_people():
    known, draw = people(400), np.random.default_rng(2)
    table = order_table([reply for chunk in known for reply in chunk])
    reader = NaturalnessReader(tensors=fit_naturalness(known, table))
    usual = np.quantile([reader.distance(chunk) for chunk in people(100, 3)], 0.95)
    salad = [" ".join(draw.permutation(reply.split())) for reply in people(1, 4)[0]]
    loop = [people(1, 5)[0][0]] * 8
    assert reader.distance(salad) > usual and reader.distance(loop) > usual
    assert reader.score(loop) < 0.05


def test_too_little_text_has_no_score():
    known = people(60)
    reader = NaturalnessReader(tensors=fit_naturalness(known, FLAT))
    assert reader.score(["I think so."]) is None and reader.score([]) is None


def test_few_people_are_no_reference():
    with pytest.raises(ValueError, match="too few"):
        fit_naturalness(people(10), FLAT)
