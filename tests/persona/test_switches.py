"""Switches found, late, missed and false, counted by hand on small tracks (T therapy, A assistant, H hybrid)."""

import pytest

from pixel.persona.switches import SwitchCount, count_switches, switch_points, total

NAMES = {"T": "therapy", "A": "assistant", "H": "hybrid"}


def modes(letters):
    return [NAMES[letter] for letter in letters]


def count(needed, given, **options):
    return count_switches(modes(needed), modes(given), **options)


def test_a_switch_point_is_where_the_mode_differs_from_the_turn_before():
    assert switch_points(modes("AATTAH")) == [2, 4, 5]
    assert switch_points([]) == [] and switch_points(modes("T")) == []


def test_a_switch_at_once_has_no_delay_and_one_a_turn_later_has_one():
    assert count("AATT", "AATT").delays == [0]
    assert count("AATT", "AAAT").delays == [1]


def test_a_switch_after_the_window_is_missed_and_false_at_once():
    found = count("AATTTTT", "AAAAATT", window=2)
    assert (found.delays, found.missed, found.false) == ([], 1, 1)
    assert count("AATTTTT", "AAAAATT", window=3).delays == [3]


def test_a_switch_into_the_wrong_mode_finds_nothing():
    found = count("AATT", "AAHH")
    assert (found.missed, found.false) == (1, 1)


def test_a_switch_that_comes_too_early_answers_no_need():
    found = count("AATT", "ATTT")
    assert (found.delays, found.missed, found.false) == ([], 1, 1)


def test_a_switch_does_not_count_once_the_next_one_is_needed():
    found = count("ATAA", "AATT", window=2)
    assert (found.missed, found.false, found.found) == (2, 1, [False, False])


def test_wavering_costs_two_false_switches():
    found = count("ATTTT", "ATATT")
    assert (found.delays, found.false) == ([0], 2)


def test_one_that_never_switches_has_no_precision_and_no_recall():
    found = count("AATTAA", "AAAAAA")
    assert found.recall.value == 0 and found.f1.value == 0
    assert found.precision.reason == "no switch was made" and found.mean_delay.reason == "no switch was found"


def test_rates_are_per_hundred_turns_at_which_a_switch_was_possible():
    both = total([count("AATT", "AATT"), count("AAAAAA", "ATAAAA")])  # 3 + 5 possible turns, 2 false
    assert both.turns == 8 and both.false_per_hundred.value == 25.0 and both.missed_per_hundred.value == 0.0
    assert both.precision.value == pytest.approx(1 / 3) and both.recall.value == 1.0 and both.f1.value == 0.5


def test_no_dialogue_defines_nothing():
    assert total([]) == SwitchCount() and total([]).f1.value is None and total([]).false_per_hundred.value is None


def test_tracks_of_unlike_length_are_refused():
    with pytest.raises(ValueError, match="4 needed modes and 3 given"):
        count("AATT", "AAT")
