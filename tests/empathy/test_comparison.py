"""A model beside people: alike, higher, lower or unclear, and what is said about it."""

import numpy as np
import pytest

from pixel.empathy.behaviour_shares import MARGINS, SHARES
from pixel.empathy.comparison import Comparison, compare
from pixel.empathy.recommendations import MENDS, NAMES, recommendations
from pixel.metrics.measure import defined, undefined


def _compare(people, model, margin=0.1, **options):
    people, model = np.asarray(people, float), np.asarray(model, float)

    def means(ours, theirs):
        return defined(people[ours].mean()), defined(model[theirs].mean())

    groups = [f"p{place}" for place in range(len(people))], [f"m{place}" for place in range(len(model))]
    return compare("advice", means, *groups, margin, resamples=120, **options)


def test_planted_differences_are_found_and_samples_of_one_kind_are_alike():
    draw = np.random.default_rng(0)
    people = draw.random(1000) < 0.3
    assert _compare(people, draw.random(500) < 0.6).verdict == "higher"
    assert _compare(people, draw.random(500) < 0.1).verdict == "lower"
    assert _compare(people, draw.random(1000) < 0.3).verdict == "alike"


def test_few_replies_are_unclear_and_not_alike():
    draw = np.random.default_rng(0)
    assert _compare(draw.random(500) < 0.3, [1, 0, 0, 1, 0, 0, 0, 1, 0, 0]).verdict == "unclear"


def test_difference_and_interval_are_the_models_less_the_peoples():
    found = _compare([0.0, 1.0] * 50, [1.0] * 40)
    assert (found.people, found.model, found.difference) == (0.5, 1.0, 0.5)
    assert found.low < 0.5 < found.high and found.n == (100, 40)


def test_two_samples_of_one_kind_are_rarely_told_apart():
    draw = np.random.default_rng(1)
    verdicts = [_compare(draw.random(200) < 0.3, draw.random(60) < 0.3, 0.01).verdict for _ in range(40)]
    assert sum(verdict in ("higher", "lower") for verdict in verdicts) <= 7  # 2 expected; more than 7: below .001


def test_none_of_sixty_leaves_a_twentieth_open():
    people = [0.0, 1.0] * 500
    closed, opened = (_compare(people, [0.0] * 60, share=share) for share in (False, True))
    assert closed.high - closed.difference < 0.05
    assert opened.high == pytest.approx(closed.high + 3 / 60, abs=0.001) and opened.low == closed.low
    full = _compare(people, [1.0] * 60, share=True)
    assert full.low == pytest.approx(_compare(people, [1.0] * 60).low - 3 / 60, abs=0.001)


def test_whole_groups_are_drawn():
    # one person says everything: without groups the interval would be narrow
    draw = np.random.default_rng(0)
    people = (draw.random(10) < 0.5).repeat(50).astype(float)
    model = (draw.random(10) < 0.5).repeat(50).astype(float)

    def means(ours, theirs):
        return defined(people[ours].mean()), defined(model[theirs].mean())

    own = np.arange(10).repeat(50)
    clustered = compare("advice", means, own, own, 0.1, resamples=300)
    single = compare("advice", means, np.arange(500), np.arange(500), 0.1, resamples=300)
    assert clustered.high - clustered.low > 3 * (single.high - single.low)


def test_a_group_that_both_sides_have_is_drawn_for_both():
    # the model says of each post what people say and 1 more: however the posts are drawn, the difference is 1
    values = np.random.default_rng(0).normal(size=40)

    def means(ours, theirs):
        return defined(values[ours].mean()), defined(values[theirs].mean() + 1)

    same = compare("advice", means, np.arange(40), np.arange(40), 0.1, resamples=100)
    assert (same.low, same.high) == pytest.approx((1.0, 1.0))
    apart = compare("advice", means, np.arange(40), np.arange(40) + 40, 0.1, resamples=100)
    assert apart.high - apart.low > 0.3


def test_turns_of_one_group_leave_as_much_open_as_one_turn():
    people, groups = np.array([0.0, 1.0] * 500), np.arange(60) // 6

    def shares(ours, theirs):
        return defined(people[ours].mean()), defined(0.0)

    closed, opened = (
        compare("advice", shares, np.arange(1000) + 100, groups, 0.1, share=share, resamples=50)
        for share in (False, True)
    )
    assert opened.high == pytest.approx(closed.high + 3 / 10, abs=0.001)


def test_no_figure_is_no_comparison_with_the_reason():
    found = compare("advice", lambda a, b: (defined(0.1), undefined("too weak")), ["a", "b"], ["c"], 0.1)
    assert found.difference is None and found.reason == "too weak" and found.verdict == "unclear"
    assert compare("advice", lambda a, b: 1 / 0, [], ["c"], 0.1).reason == "no turns"
    with pytest.raises(ValueError, match="must be above 0"):
        compare("advice", None, ["a"], ["b"], 0.0)


def test_shares_by_hand():
    # columns: open, closed, simple, complex, information, advice
    acts = np.array(
        [[1, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 1, 0, 1], [0, 0, 0, 0, 0, 0]], bool
    )
    found = {name: share(acts).value for name, share in SHARES.items()}
    assert found == pytest.approx(
        {
            "reflections": 0.6, "questions": 0.4, "open_questions": 0.2, "advice": 0.2, "information": 0.0,
            "complex_share": 2 / 3, "reflections_per_question": np.log(3 / 2),
        }
    )  # fmt: skip
    assert SHARES["advice"](acts[:3]).value is None and set(SHARES) == set(MARGINS)


def _made(name, difference, verdict, margin=0.1):
    return Comparison(
        name, 0.3, 0.3 + difference, difference, difference - 0.1, difference + 0.1, margin, verdict, (9, 9)
    )


def test_the_worst_is_said_first_and_what_is_alike_is_not_said():
    said = recommendations(
        [
            _made("questions", 0.2, "higher"), _made("reflections", -0.25, "lower"),
            _made("advice", 0.3, "higher", 0.05), _made("information", 0.0, "alike"),
        ],
        "helpers",
    )  # fmt: skip
    assert len(said) == 3
    assert said[0].startswith("replies that advise: 60% against 30% of helpers (+30 points")
    assert "6.0 times the margin" in said[0] and "reflect" in said[1] and "ask" in said[2]


def test_what_cannot_be_decided_is_said_as_such():
    said = recommendations([_made("advice", 0.3, "unclear")], "helpers")
    assert said == ["not decided with so few replies: replies that advise. Mend: measure on more."]


def test_nothing_is_recommended_from_a_reader_that_is_not_borne_out():
    said = recommendations([_made("advice", 0.3, "higher")], "helpers", ["advice"])
    assert len(said) == 1 and said[0].startswith("nothing is recommended on replies that advise")


def test_every_named_figure_has_a_mend_for_both_directions():
    assert {(name, way) for name in NAMES for way in ("higher", "lower")} == set(MENDS)
