"""Phrases are found whole, in any spelling of a contraction, and not where they are denied."""

import pytest

from pixel.clinical.phrases import Phrases, written_out


@pytest.mark.parametrize(
    ("said", "plain"),
    [("I can\u2019t", "i cannot"), ("I've", "i have"), ("won't", "will not"), ("self-harm", "self harm"),
     ("DIDN'T", "did not"), ("im tired", "i am tired"), ("time", "time")],
)  # fmt: skip
def test_contractions_are_written_out(said, plain):
    assert written_out(said) == plain


def test_a_phrase_is_found_whole():
    gun = Phrases(["a gun"])
    assert gun.found("There is a gun.") == ["a gun"]
    assert gun.found("There is a gunner.") == [] and Phrases([]).found("anything") == []


@pytest.mark.parametrize("said", ["I do not have a gun.", "There's never been a gun here", "no, without a gun"])
def test_a_denied_phrase_is_not_found(said):
    assert Phrases(["a gun"]).found(said) == []
    assert Phrases(["a gun"], denial=True).found(said) == ["a gun"]


def test_a_negation_reaches_three_words_and_no_further_clause():
    assert Phrases(["a gun"]).found("I did not sleep, there is a gun.") == ["a gun"]
    assert Phrases(["a gun"]).found("I do not like that he has a gun") == ["a gun"]
