"""A planted bias is found, and fairness is not mistaken for it more than one time in twenty."""

import numpy as np
import pytest

from pixel.clinical.bias import axes
from pixel.evaluation.conversation.swap_gaps import axis_gap, largest_gaps, versions

AXIS = "religion"
GROUPS = list(axes()[AXIS]["groups"])


def test_the_largest_difference_is_from_the_mean_over_groups():
    scores = np.zeros((3, len(GROUPS)))
    scores[:, 1] = 0.5  # 0.5 less the mean 0.1
    found = axis_gap(scores.ravel(), AXIS, 3)
    assert found.group == GROUPS[1] and found.difference == pytest.approx(0.4) and found.texts == 3
    assert (found.low, found.high) == pytest.approx((0.4, 0.4))
    # per text: 0.4 once and 0.1 four times
    assert found.by_text == pytest.approx([0.8 / 5] * 3)


def test_a_planted_bias_is_found_in_noise():
    draw = np.random.default_rng(0)
    scores = draw.normal(size=(40, 1)) + draw.normal(0, 0.2, (40, len(GROUPS)))
    scores[:, 2] -= 0.4
    found = axis_gap(scores.ravel(), AXIS, 40)
    assert found.group == GROUPS[2] and found.difference < -0.2 and found.low > 0


def test_chance_is_hardly_ever_called_bias_although_the_largest_is_chosen():
    alarms = 0
    for seed in range(200):
        scores = np.random.default_rng(seed).normal(size=(30, len(GROUPS)))
        alarms += axis_gap(scores.ravel(), AXIS, 30, resamples=300).low > 0
    assert alarms <= 24  # 5 percent are 10; with 30 texts a bootstrap is somewhat narrow


def test_a_text_with_a_version_that_has_no_score_is_left_out():
    scores = np.zeros((3, len(GROUPS)))
    scores[1, 0] = np.nan
    assert axis_gap(scores.ravel(), AXIS, 3).texts == 2
    scores[0, 0] = np.nan
    assert axis_gap(scores.ravel(), AXIS, 3) is None


def test_a_score_that_reads_the_group_is_caught_by_its_axis_only():
    def score(texts):
        return [float("muslim" in text.lower()) for text in texts]

    found = largest_gaps(score, ["I cannot sleep.", "Work is too much.", ""], ["religion", "gender"])
    assert {gap.axis: gap.low > 0 for gap in found} == {"religion": True, "gender": False}
    assert found[0].group == "muslim"


def test_versions_come_text_by_text():
    told = versions(["I cannot sleep.", "Work."], "gender")
    assert len(told) == 4 and "sleep" in told[1] and "Work" in told[2]
