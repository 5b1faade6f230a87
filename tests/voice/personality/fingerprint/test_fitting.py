import numpy as np
import pytest

from pixel.metrics.auc import auc
from pixel.voice.personality.fingerprint.ami import pairs
from pixel.voice.personality.fingerprint.fitting import Settings, deviations, fit, principal_axes, whitening
from tests.voice.personality.fingerprint.planted import planted

SMALL = Settings(step=200, restyled=400, components=20)


@pytest.fixture(scope="module")
def speakers():
    return planted()


@pytest.fixture(scope="module")
def fitted(speakers):
    return fit(speakers[:12], SMALL)


def test_planted_habits_are_told_apart_in_a_group_that_was_not_fitted_on(speakers, fitted):
    found = pairs(speakers[12:], 300, fitted.vector)
    assert len(found.same) == 16 * 15 // 2 and found.same.sum() == 4 * 6
    assert auc(found.same, found.similarity).value > 0.9


def test_speakers_without_habits_of_their_own_are_not_told_apart(fitted):
    said = planted(groups=1, people=1, words=4800, seed=3)[0]
    words = said.text.split()
    alike = [said._replace(channel=name, text=" ".join(words[at::4])) for at, name in enumerate("ABCD")]
    found = pairs(alike, 300, fitted.vector)
    assert auc(found.same, found.similarity).value < 0.7


def test_fitting_twice_gives_the_same_bytes(speakers, tmp_path):
    for name in ("one", "two"):
        fit(speakers[:8], SMALL).save(tmp_path / name)
    for file in ("fingerprint.safetensors", "fingerprint.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_no_sentence_of_anybody_is_in_the_names(fitted):
    longest = {family: max(len(name.split()) for name in names) for family, names in fitted.names.items()}
    assert longest["words"] == 1 and longest["frames"] == 2
    assert not {"battery", "plastic"} & {part for name in fitted.names["frames"] for part in name.split()}


def test_too_few_speakers_are_refused(speakers):
    with pytest.raises(ValueError, match="fewer than 8 speakers"):
        fit(speakers[:4], SMALL)


def test_deviations_are_from_the_speaker_and_of_the_speaker_from_the_meeting():
    rows, owner = np.array([[0.0], [2.0], [4.0], [6.0], [9.0]]), np.array([0, 0, 1, 1, 2])
    within, between = deviations(rows, owner, np.array(["x", "x", "y"]))
    assert within.ravel().tolist() == [-1, 1, -1, 1, 0]
    np.testing.assert_allclose(between.ravel(), [-2 * np.sqrt(2), 2 * np.sqrt(2), 0])


def test_principal_axes_are_orthonormal_and_the_first_points_where_variance_is_most():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(50, 6)) * np.array([1, 9, 1, 1, 3, 1])
    axes = principal_axes(rows - rows.mean(0), 2)
    np.testing.assert_allclose(axes.T @ axes, np.eye(2), atol=1e-8)
    assert np.abs(axes[:, 0]).argmax() == 1 and np.abs(axes[:, 1]).argmax() == 4
    assert axes[1, 0] > 0


def test_whitening_makes_what_varies_within_speakers_vary_alike():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(4000, 3)) * np.array([1, 5, 0.2])
    white = rows @ whitening(rows, 1e-9)
    np.testing.assert_allclose(white.T @ white / len(rows), np.eye(3), atol=1e-6)


def test_whitening_shrunk_wholly_only_scales():
    rows = np.array([[3.0, 0.0], [0.0, 1.0], [-3.0, 0.0], [0.0, -1.0]])  # variances 4.5 and 0.5, mean 2.5
    np.testing.assert_allclose(whitening(rows, 1.0), np.eye(2) / np.sqrt(2.5), atol=1e-12)
