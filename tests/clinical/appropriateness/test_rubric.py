import numpy as np
import pytest

from pixel.clinical.appropriateness.behaviours import Readout, sides
from pixel.clinical.appropriateness.quality import fit_quality, quality
from pixel.clinical.appropriateness.rubric import read_rubric, rubric, score
from pixel.clinical.appropriateness.session_features import FEATURES, session_features
from pixel.knowledge.errors import KnowledgeError


def readout(advice=0.0, turns=20):
    behaviours = np.zeros((turns, 6))
    behaviours[:, 5], behaviours[:, 3] = advice, 1 - advice
    main = np.full(turns, 2 if advice > 0.5 else 1)
    words = np.full(turns, 12)
    return Readout(behaviours, main, np.full(turns, 0.5 - advice), np.full((turns, 2), 0.2), words, words)


def test_the_rubric_has_six_and_twelve_items_with_anchors():
    parts = rubric()
    assert {part: len(items) for part, items in parts.items()} == {"skill": 6, "alliance": 12}
    assert all(set(item.anchors) == {0, 3, 6} for items in parts.values() for item in items)


def test_an_average_session_is_in_the_middle_of_every_item():
    mean = np.arange(len(FEATURES), dtype=float)
    rated = score(mean, mean, np.ones(len(FEATURES)))
    assert set(rated.items.values()) == {3.0} and rated.total == rated.skill == rated.alliance == 3.0
    assert rated.reasons == ()


def test_advice_costs_and_reflecting_pays():
    pushing, following = session_features(readout(1.0)), session_features(readout(0.0))
    mean, spread = (pushing + following) / 2, np.ones(len(FEATURES)) * 0.2
    assert score(pushing, mean, spread).total < 3 < score(following, mean, spread).total
    assert "much of: advice" in score(pushing, mean, spread).reasons


def test_scores_stay_within_their_range():
    zero, one = np.zeros(len(FEATURES)), np.ones(len(FEATURES))
    for far in (1e9, -1e9):
        assert all(0 <= value <= 6 for value in score(one * far, zero, one).items.values())


def test_a_one_sided_session_has_no_features():
    silent = readout()._replace(heard=np.zeros(0, dtype=int), talk=np.zeros((0, 2)))
    assert session_features(silent) is None


def test_short_sessions_are_drawn_to_the_average():
    advice = FEATURES.index("advice")
    assert session_features(readout(1.0, turns=2))[advice] == pytest.approx((2 + 4 * 0.03) / 6)


def test_sides_know_the_turn_before():
    messages = [("system", "s"), ("user", "a"), ("assistant", "b"), ("assistant", "c"), ("user", "d")]
    taken = sides([{"role": role, "content": text} for role, text in messages])
    assert taken.helper == ["b", "c"] and taken.before_helper == ["a", ""]
    assert taken.client == ["a", "d"] and taken.before_client == ["", "c"]


def test_quality_learns_which_sessions_were_good():
    generator = np.random.default_rng(0)
    features = generator.normal(size=(80, len(FEATURES)))
    high = np.arange(80) % 4 > 0
    features[high] += 1.0
    mean, spread = features.mean(0), features.std(0)
    coefficients = fit_quality(features, high, mean, spread)
    given = np.array([quality(row, mean, spread, coefficients) for row in features])
    assert given[high].mean() > 0.6 > 0.4 > given[~high].mean()


def test_an_item_on_something_unmeasured_is_refused(tmp_path):
    file = tmp_path / "rubric.yaml"
    file.write_text("skill:\n  - {id: a, name: A, from: {charm: 1.0}, anchors: {0: x, 3: y, 6: z}}\n")
    with pytest.raises(KnowledgeError, match="charm"):
        read_rubric(file)
