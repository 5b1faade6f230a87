"""Times in text: durations in days, without rates and ages."""

import pytest

from pixel.clinical.differential.durations import age_in, days_in, onset_in


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("For about six months now.", 6 * 30.44),
        ("A year and a half of this.", 1.5 * 365.25),
        ("The past two weeks were bad, the last 10 days worse.", 14),
        ("Half a year.", 365.25 / 2),
        ("Most of her life, she says.", 3652.5),
        ("For a couple of weeks", 14),
        ("I wake three nights a week and have done so for 3 months.", 3 * 30.44),
        ("It comes twice a month.", None),
        ("Every two weeks he calls.", None),
        ("A six-year-old boy.", None),
        ("Nothing about time.", None),
    ],
)
def test_the_longest_time_that_something_lasted(text, days):
    assert days_in(text) == (None if days is None else pytest.approx(days))


def test_ages_and_onsets():
    assert age_in("A 34-year-old man came in.") == 34 and age_in("The boy is six years old") == 6
    assert age_in("She turned 19 in May") == 19 and age_in("I weigh 40 kg") is None
    assert onset_in("Since he was nine, and worse now") == 9 and onset_in("since age 12") == 12
    assert onset_in("since Tuesday") is None
