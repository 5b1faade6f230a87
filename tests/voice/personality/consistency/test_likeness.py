import numpy as np
import pytest

from pixel.voice.personality.consistency.likeness import Likeness, default_likeness, profile


def test_probability_is_the_logistic_of_the_formula():
    one = Likeness(slope=10.0, longer=4.0, length=-1.0, intercept=-2.0)
    both = np.log2(600 / 300) + np.log2(1200 / 300)  # 1 + 2
    logit = 10 * 0.3 + 4 * 0.3 * both - 1 * both - 2
    assert one.probability(0.3, 600, 1200) == pytest.approx(1 / (1 + np.exp(-logit)))


def test_lengths_beyond_the_fitted_range_count_as_its_ends():
    one = Likeness(10.0, 4.0, -1.0, -2.0)
    assert one.probability(0.3, 300, 9000) == one.probability(0.3, 300, 1500)
    assert one.probability(0.3, 100, 300) == one.probability(0.3, 300, 300)


def test_at_the_threshold_the_probability_is_the_one_asked_for():
    one = Likeness(12.0, 3.0, -0.5, -1.0)
    for probability in (0.1, 0.5, 0.9):
        cosine = one.threshold(probability, 600, 300)
        assert one.probability(cosine, 600, 300) == pytest.approx(probability)


def test_fitted_probabilities_are_right_as_often_as_they_say_however_rare_pairs_by_one_speaker_are():
    generator = np.random.default_rng(0)
    same = generator.random(6000) < 0.2
    cosine = generator.normal(np.where(same, 0.3, 0.1), 0.1)
    fitted = Likeness.fit(cosine, same, np.full(6000, 300), np.full(6000, 300))
    # two normals of one spread: the log-odds are linear, (.3 - .1) / .01 = 20 steep and 0 half-way
    assert fitted.slope == pytest.approx(20, rel=0.1)
    assert fitted.threshold() == pytest.approx(0.2, abs=0.01)


def test_pairs_of_one_kind_are_refused():
    with pytest.raises(ValueError, match="one kind only"):
        Likeness.fit([0.1, 0.2], [True, True], [300, 300], [300, 300])


def test_a_profile_is_the_direction_of_the_mean():
    np.testing.assert_allclose(profile([[3.0, 0.0], [0.0, 4.0]]), [0.6, 0.8])


def test_what_is_saved_is_read_back(tmp_path):
    one = Likeness(1.25, 2.5, -0.5, 0.125)
    one.save(tmp_path / "l.json")
    assert Likeness.load(tmp_path / "l.json") == one


def test_another_file_is_named(tmp_path):
    (tmp_path / "l.json").write_text('{"slopes": 1}')
    with pytest.raises(ValueError, match=r"l\.json: no calibration"):
        Likeness.load(tmp_path / "l.json")


def test_the_shipped_calibration_rises_with_likeness_and_is_surer_of_longer_texts():
    one = default_likeness()
    assert (np.diff(one.probability(np.linspace(-0.3, 0.6, 20))) > 0).all()
    short, long = (one.slope + one.longer * length for length in (0, 2))
    assert long > short > 0
