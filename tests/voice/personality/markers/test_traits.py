import pytest

from pixel.voice.personality.markers import style, traits


def test_an_indicator_is_the_weighted_mean_of_places():
    found = traits.measure(lambda name: {"we_words": 1.0, "numbers": 2.0, "causes": 0.5}.get(name, 0.0))
    assert found["agreeableness"] == pytest.approx((0.18 * 1 + 0.11 * 2 - 0.11 * 0.5) / (0.18 + 0.11 + 0.11))


def test_somebody_usual_in_all_leans_nowhere():
    assert set(traits.measure(lambda name: 0.0).values()) == {0.0}


def test_one_unknown_place_leaves_the_trait_open():
    found = traits.measure(lambda name: None if name == "articles" else 1.0)
    assert found["openness"] is None and found["agreeableness"] is not None


def test_every_correlation_is_small_and_of_a_known_marker():
    for correlations in traits.published()["traits"].values():
        assert set(correlations) <= set(style.MARKERS)
        assert all(0.1 <= abs(r) <= 0.2 for r in correlations.values())


def test_source_and_limits_come_along():
    assert "Yarkoni" in traits.published()["source"] and "r = .26" in traits.published()["limits"]


def test_what_an_indicator_is_drawn_from_is_shown():
    found = traits.explained(traits.measure(lambda name: 1.0), lambda name: 1.0)["conscientiousness"]
    assert {"marker": "style.negation", "published_r": -0.17, "z": 1.0} in found["drawn_from"]
    assert found["indicator"] == -1.0
