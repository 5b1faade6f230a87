import numpy as np

from pixel.voice.personality.fingerprint.features import FAMILIES, commonest, count, shares


def test_runs_are_counted_over_blanks_and_at_both_ends():
    found = count("A  cat")
    assert found["runs_of_3"] == {" a ": 1, "a c": 1, " ca": 1, "cat": 1, "at ": 1}
    assert found["runs_of_4"] == {" a c": 1, "a ca": 1, " cat": 1, "cat ": 1}


def test_words_that_carry_the_topic_are_hidden_in_frames_and_not_counted_as_words():
    found = count("I think the battery, you know.")
    assert found["words"] == {"i": 1, "think": 1, "the": 1, ",": 1, "you": 1, "know": 1, ".": 1}
    assert found["frames"] == {
        "i think": 1, "think the": 1, "the *": 1, "* ,": 1, ", you": 1, "you know": 1, "know .": 1,
    }  # fmt: skip


def test_curly_apostrophes_count_as_straight_ones():
    assert count("It’s fine, don’t") == count("It's fine, don't")


def test_shares_are_square_roots_within_each_family():
    names = {"runs_of_3": (" a ",), "runs_of_4": (), "words": ("i", "you"), "frames": ("i you",)}
    counts = count("i i i you")  # four words; frames: i i, i i, i you
    np.testing.assert_allclose(shares(counts, names), [0, np.sqrt(3 / 4), np.sqrt(1 / 4), np.sqrt(1 / 3)])


def test_a_text_without_anything_counted_has_shares_of_zero():
    names = {family: ("i",) for family in FAMILIES}
    assert shares(count(""), names).tolist() == [0, 0, 0, 0]


def test_the_commonest_names_are_those_in_most_texts_and_ties_go_by_the_alphabet():
    many = [count("i you"), count("you i"), count("you you you we")]
    assert commonest(many, least=2)["words"] == ("you", "i")
    assert commonest(many, least=1)["words"] == ("you", "i", "we")
