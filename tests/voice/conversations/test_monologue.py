"""Passages of a talk."""

import numpy as np
import pytest

from pixel.voice.conversations.monologue import depths, passages, sentences
from pixel.voice.conversations.turns import Turn, to_turns
from tests.voice.conversations.conftest import CountingEncoder, said

BOATS = "Our boats sail at dawn with nets and ropes. The boats carry nets for herring, ropes for the mast. "
BREAD = "My oven bakes bread from rye flour. Good bread wants rye flour, a hot oven and slow yeast. "


def turn(text):
    return Turn("S1", 0.0, float(len(text)), " ".join(text.split()), ("id",))


def test_a_boundary_falls_where_the_words_change(encoder):
    found = passages([turn(BOATS * 3 + BREAD * 3)], encoder, least=20, most=500)
    assert [one.text.split()[1] for one in found] == ["boats", "oven"]
    assert found[0].text == " ".join((BOATS * 3).split())


def test_a_gap_is_as_deep_as_the_climbs_on_both_sides():
    one, other = np.eye(2)
    table = np.array([one, one, one, other, other, other])
    # blocks of one: similarities 1 1 0 1 1, so the middle gap lies 1 below either side and the others on the peak
    assert depths(table, block=1).tolist() == pytest.approx([0, 0, 2, 0, 0])


def test_times_follow_the_letters():
    one, two = sentences(Turn("S1", 10.0, 20.0, "Four here. Or five."))
    assert (one.start, two.end) == (10.0, 20.0)
    assert one.end == pytest.approx(10 + 10 * len("Four here.") / 19)


def test_times_are_those_of_the_segment_a_sentence_stands_in():
    given = [
        said("We sail at dawn.", 0.0, 2.0),
        said("The sea was calm. We slept", 15.0, 17.6),
        said("well.", 30.0, 31.0),
    ]
    (whole,) = to_turns(given).turns
    one, two, three = sentences(whole)
    assert (one.start, one.end, two.start) == (0.0, 2.0, 15.0)
    assert two.end == pytest.approx(15.0 + 2.6 * 17 / 26) and three.start == pytest.approx(15.0 + 2.6 * 18 / 26)
    assert three.end == 31.0


def test_a_title_ends_no_sentence():
    assert [one.text for one in sentences(turn("Ask Dr. Miller. She knows."))] == ["Ask Dr. Miller.", "She knows."]


def test_a_question_belongs_to_what_answers_it(encoder):
    text = BOATS * 2 + "But what about bread and rye flour from an oven, so to speak? " + BREAD * 2
    found = passages([turn(text)], encoder, least=20, most=500)
    assert found[1].text.startswith("But what about bread")


def test_too_little_is_no_passage(encoder):
    assert passages([turn("Good morning to you all.")], encoder) == []


@pytest.mark.parametrize("seed", range(12))
def test_passages_keep_every_word_in_order_and_their_length(seed):
    generator = np.random.default_rng(seed)
    lengths = generator.integers(3, 30, generator.integers(1, 40))
    words = ["red", "oak", "sea", "tin", "fog", "hut"]
    text = " ".join(" ".join(generator.choice(words, size)) + "." for size in lengths)
    found = passages([turn(text)], CountingEncoder(), least=30, most=90)
    kept = " ".join(one.text for one in found)
    assert kept in ("", text)
    assert all(30 <= one.words <= 90 + 60 for one in found)  # a cut is not made where too little would be left
