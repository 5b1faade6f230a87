import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixel.voice.diarization.error_rate import error_rate

TRUE = [(0.0, 10.0, "a"), (10.0, 20.0, "b")]


def test_the_same_turns_under_other_names_are_without_error():
    assert error_rate(TRUE, [(0, 10, 7), (10, 20, 3)]).rate == 0


@pytest.mark.parametrize(
    ("found", "missed", "invented", "confused"),
    [
        ([(0, 10, 1)], 10, 0, 0),
        ([(0, 10, 1), (10, 20, 2), (20, 25, 2)], 0, 5, 0),
        ([(0, 20, 1)], 0, 0, 10),
        ([(0, 12, 1), (12, 20, 2)], 0, 0, 2),
        ([(0, 10, 1), (10, 20, 2), (0, 4, 2)], 0, 4, 0),
        ([], 20, 0, 0),
    ],
)
def test_what_is_missed_invented_and_confused_is_told_apart(found, missed, invented, confused):
    rate = error_rate(TRUE, found)
    assert rate[:3] == pytest.approx((missed, invented, confused)) and rate.speech == pytest.approx(20)
    assert rate.rate == pytest.approx((missed + invented + confused) / 20)


def test_who_talks_over_another_counts_twice():
    rate = error_rate([(0, 10, "a"), (5, 10, "b")], [(0, 10, 1)])
    assert (rate.missed, rate.speech) == pytest.approx((5, 15))


def test_a_collar_forgives_what_is_near_an_edge_and_leaves_its_speech_out():
    rate = error_rate(TRUE, [(0, 10.2, 1), (10.2, 20, 2)], collar=0.25)
    assert rate.confused == 0 and rate.speech == pytest.approx(20 - 0.25 - 0.5 - 0.25)


turns = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 20), st.integers(0, 2)).map(lambda t: (t[0], t[0] + t[1], t[2])),
    min_size=1,
    max_size=6,
)


@given(turns, turns)
def test_the_parts_fit_together_whatever_is_found(true, found):
    rate = error_rate(true, found)
    assert min(rate) >= 0 and rate.missed + rate.confused <= rate.speech + 1e-9
    assert error_rate(true, true).rate == 0
