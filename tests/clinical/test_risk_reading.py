"""The rung is the median of the ladder; flags and abstentions count as they should."""

import pytest

from pixel.clinical.risk_reading import level_of, more_urgent, rung
from tests.clinical.made_readings import reading


@pytest.mark.parametrize(
    ("severity", "level"),
    [([1, 0, 0, 0, 0, 0, 0], 0), ([0, 0, 0, 0, 0, 0, 1], 6), ([0.4, 0.1, 0, 0, 0.5, 0, 0], 4),
     ([0.51, 0, 0, 0, 0, 0, 0.49], 0), ([0.3, 0.3, 0.4, 0, 0, 0, 0], 1), ([], 0)],
)  # fmt: skip
def test_the_rung_is_reached_with_even_odds(severity, level):
    assert rung(severity) == level


def test_another_number_of_rungs_is_an_error():
    with pytest.raises(ValueError, match="3 values"):
        rung([0.2, 0.3, 0.5])


def test_a_flag_is_at_least_the_first_rung_and_an_abstention_none():
    assert level_of(reading(0, "suicide")) == 1 and level_of(reading(0, "abuse")) == 0
    assert level_of(reading(5, flag=False, abstain=True)) == 0 and level_of(reading(5, abstain=True)) == 5


def test_the_most_urgent_wins():
    assert more_urgent("soon", "emergency", "none") == "emergency" and more_urgent() == "none"
