import numpy as np
import pytest

from pixel.voice.personality.consistency.drift import changes, curve, most_changed
from tests.voice.personality.consistency.speakers import talk, vector


def test_every_place_leaves_enough_words_and_is_a_step_from_the_last():
    found = curve(talk(1, 1000), vector, least=300, step=60)
    assert found.place[0] == 15 and found.place[-1] == 33  # 300 and, 60 words later each, 660 words of 20 a text
    assert set(np.diff(found.place)) == {3}
    np.testing.assert_array_equal(found.left, found.place * 20)
    np.testing.assert_array_equal(found.left + found.right, 1000)


def test_the_cosine_is_of_all_that_was_said_on_either_side():
    texts = talk(1, 800)
    found = curve(texts, vector)
    expected = vector(" ".join(texts[: found.place[2]])) @ vector(" ".join(texts[found.place[2] :]))
    assert found.cosine[2] == pytest.approx(expected)


def test_far_away_words_are_left_out():
    found = curve(talk(1, 4000), vector, step=1000, reach=500)
    assert found.left.max() <= 500 and found.right.max() <= 500
    assert min(found.left.min(), found.right.min()) >= 300


def test_texts_longer_than_the_reach_still_have_two_sides():
    texts = [" ".join(talk(1, 900, seed)) for seed in range(3)]
    found = curve(texts, vector, reach=600)
    np.testing.assert_array_equal(found.left, [900, 900])


def test_a_planted_speaker_is_found_where_he_begins(reference):
    texts = talk(1, 800) + talk(2, 700)
    found = most_changed(texts, vector, reference)
    assert found.p < 0.01
    assert abs(found.word - 800) <= 100
    assert sum(len(text.split()) for text in texts[: found.place]) == found.word


def test_streams_by_one_speaker_raise_alarms_about_as_often_as_alpha_says(reference):
    alarms = [most_changed(talk(s, 1400, 3), vector, reference).p <= 0.1 for s in range(300, 360)]
    assert sum(alarms) <= 14  # 6 expected of 60; 14 or more has a chance below .002


def test_two_changes_are_found_in_order(reference):
    found = changes(talk(1, 900) + talk(2, 900) + talk(3, 900), vector, reference)
    assert len(found) == 2
    assert abs(found[0].word - 900) <= 200 and abs(found[1].word - 1800) <= 200


def test_nothing_is_said_of_short_streams(reference):
    assert most_changed(talk(1, 580), vector, reference) is None
    assert changes(talk(1, 580), vector, reference) == []
    assert len(curve([], vector).place) == 0
