"""Criteria by hand: met, missing, denied, excluded, with reasons that start with the id."""

import pytest

from pixel.clinical.differential.criteria import assess
from pixel.clinical.differential.findings import Finding, Picture
from tests.clinical.differential.parts import small_base


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return small_base(tmp_path_factory.mktemp("base"))


def picture(*present, denied=(), days=None, **more) -> Picture:
    found = {name: Finding(name) for name in present} | {name: Finding(name, False) for name in denied}
    return Picture(found, days, **more)


def worried(base, *present, **more):
    return assess(base.categories["worried"], picture(*present, **more))


def test_everything_there_holds_and_what_cannot_be_checked_is_left_to_the_clinician(base):
    outcome = worried(base, "worry", "tired", "tense", "social_impairment", days=200)
    assert outcome.holds and outcome.share == 1 and outcome.core == 1
    assert outcome.met == ("A", "B", "duration", "impairment") and outcome.unchecked == ("C",)
    assert "B met: B1, B2" in outcome.reasons


def test_one_sign_of_two_is_missing_and_counts_half(base):
    outcome = worried(base, "worry", "tired", "social_impairment", days=200)
    assert outcome.missing == ("B",) and not outcome.holds
    assert outcome.share == pytest.approx((2 * 1 + 1 * 0.5) / 3)  # the core criterion counts twice


def test_two_denied_of_three_cannot_be_met_any_more(base):
    outcome = worried(base, "worry", denied=("tired", "tense"), days=200)
    assert outcome.denied == ("B",) and "B denied: 0 of 2 found" in outcome.reasons
    assert worried(base, "worry", denied=("tired",), days=200).denied == ()  # two are left


def test_too_short_is_denied_and_unknown_is_missing(base):
    assert "duration denied: 20 days, needs 180" in worried(base, "worry", days=20).reasons
    assert "duration" in worried(base, "worry").missing
    assert "duration" in assess(base.categories["panicky"], picture("panic", days=100)).denied  # at most 90


def test_the_core_symptoms_own_time_counts_before_that_of_the_whole(base):
    found = {"worry": Finding("worry", days=400), "tired": Finding("tired", days=2)}
    assert "duration" in assess(base.categories["worried"], Picture(found, days=10)).met


def test_a_substance_excludes_by_its_id(base):
    outcome = worried(base, "worry", "tired", "tense", "caused_by_substance", "social_impairment", days=200)
    assert outcome.excluded == ("E1",) and not outcome.holds
    assert "E1 excludes (substance): caused_by_substance" in outcome.reasons


def test_distress_is_enough_only_where_the_category_says_so(base):
    assert "impairment" in assess(base.categories["high"], picture("high", "marked_distress")).met
    assert "impairment" in worried(base, "worry", "marked_distress").missing


def test_age_and_onset_out_of_bounds_are_denied(base):
    high = base.categories["high"]
    assert "onset" in assess(high, picture("high", age=12)).denied
    assert "onset" in assess(high, picture("high", onset_age=55)).denied
    assert "onset" not in assess(high, picture("high")).denied


def test_a_doubtful_finding_counts_in_part(base):
    doubtful = Picture({"worry": Finding("worry", probability=0.3)})
    outcome = assess(base.categories["worried"], doubtful)
    assert outcome.core == pytest.approx(0.3) and "A" in outcome.missing
