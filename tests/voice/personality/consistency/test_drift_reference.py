import numpy as np
import pytest

from pixel.voice.personality.consistency.drift_reference import DriftReference, default_drift_reference


def made(count=4000, seed=0):
    """Streams whose cosines have a known mean, .5 - 30 (1/l + 1/r), and spread .05, each cut once."""
    generator = np.random.default_rng(seed)
    left, right = generator.uniform(300, 1500, (2, count))
    mean = 0.5 - 30 * (1 / left + 1 / right)
    cosine = generator.normal(mean, 0.05)
    return [(cosine[i : i + 1], left[i : i + 1], right[i : i + 1]) for i in range(count)], mean


def test_scores_are_standard_deviations_below_the_mean():
    streams, mean = made()
    fitted = DriftReference.fit(streams)
    left, right = np.array([600.0]), np.array([900.0])
    usual = 0.5 - 30 * (1 / 600 + 1 / 900)
    assert fitted.score(np.array([usual]), left, right)[0] == pytest.approx(0, abs=0.1)
    assert fitted.score(np.array([usual - 0.1]), left, right)[0] == pytest.approx(2, rel=0.1)


def test_p_of_the_limit_is_the_alpha_it_was_asked_for():
    one = DriftReference((0.1, 0.0, 0.0), (0.05, 0.0, 0.0), 1.2, 0.4, 0.7)
    for alpha in (0.01, 0.05, 0.5):
        assert one.p_value(one.limit_at(alpha, 25), 25) == pytest.approx(alpha)


def test_p_values_fit_the_highest_of_streams_with_many_places():
    generator = np.random.default_rng(1)
    sizes = generator.integers(5, 60, 3000)
    flat = DriftReference((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), 0.0, 0.0, 1.0)
    streams = [(-generator.normal(size=n), np.full(n, 600.0), np.full(n, 600.0)) for n in sizes]
    fitted = DriftReference.fit(streams[:1500])
    for alpha in (0.05, 0.2):
        alarms = [fitted.p_value(fitted.score(*one).max(), len(one[0])) <= alpha for one in streams[1500:]]
        assert np.mean(alarms) == pytest.approx(alpha, abs=0.025)
    assert flat.p_value(5.0, 1) < flat.p_value(2.0, 1)


def test_longer_streams_need_higher_scores():
    one = default_drift_reference()
    assert one.limit_at(0.05, 200) > one.limit_at(0.05, 10)
    assert one.p_value(2.5, 200) > one.p_value(2.5, 10)


def test_few_streams_are_refused():
    with pytest.raises(ValueError, match="3 streams say too little"):
        DriftReference.fit(made(3)[0])


def test_what_is_saved_is_read_back(tmp_path):
    one = DriftReference((0.5, -30.0, 0.25), (0.05, 1.5, 0.0), 1.25, 0.5, 0.75, 3.5)
    one.save(tmp_path / "d.json")
    assert DriftReference.load(tmp_path / "d.json") == one


@pytest.mark.parametrize("content", ["[1, 2]", "{", '{"mean": [1, 2, 3]}'])
def test_another_file_is_named(tmp_path, content):
    (tmp_path / "d.json").write_text(content)
    with pytest.raises(ValueError, match=r"d\.json: no reference"):
        DriftReference.load(tmp_path / "d.json")
