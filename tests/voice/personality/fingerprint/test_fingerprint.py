import numpy as np
import pytest

from pixel.voice.personality.fingerprint.fingerprint import LEAST_WORDS, Fingerprint, TooShort, scaled

SAID = ("well i think we could have the button on the left, you know, and " * 40).split()


@pytest.fixture(scope="module")
def known():
    return Fingerprint.load()


def test_a_vector_has_length_one_and_the_same_text_gives_the_same(known):
    text = " ".join(SAID[:300])
    vector = known.vector(text)
    assert vector.shape == (known.size,) and vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert known.similarity(text, text) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(vector, known.vector(text))


def test_a_text_of_279_words_is_refused_and_one_of_280_is_not(known):
    with pytest.raises(TooShort, match="279 words .* Mend"):
        known.vector(" ".join(SAID[: LEAST_WORDS - 1]))
    known.vector(" ".join(SAID[:LEAST_WORDS]))


def test_capitals_line_breaks_and_curly_apostrophes_change_nothing(known):
    said = [*SAID[:300], "it's"]
    plain = " ".join(said)
    assert known.similarity(plain, "\n".join(said).upper().replace("'", "’")) == pytest.approx(1, abs=1e-5)


def test_what_was_saved_is_read_back_with_the_same_vectors(known, tmp_path):
    known.save(tmp_path)
    text = " ".join(SAID[:300])
    np.testing.assert_allclose(Fingerprint.load(tmp_path).vector(text), known.vector(text), atol=1e-6)


def test_files_that_are_no_fingerprint_are_named(known, tmp_path):
    with pytest.raises(FileNotFoundError):
        Fingerprint.load(tmp_path)
    known.save(tmp_path)
    (tmp_path / "fingerprint.json").write_text('{"names": {}}')
    with pytest.raises(ValueError, match="no fingerprint"):
        Fingerprint.load(tmp_path)


def test_a_table_that_is_too_short_for_its_names_is_refused(known, tmp_path):
    known.save(tmp_path)
    file = tmp_path / "fingerprint.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"words": [', '"words": ["xyz",', 1), encoding="utf-8")
    with pytest.raises(ValueError, match="rows for"):
        Fingerprint.load(tmp_path)


def test_more_alike_means_more_probably_one_speaker(known):
    low, high = known.same_speaker(np.array([0.0, 0.6]), 300)
    assert 0 < low < 0.5 < high < 1


def test_the_weights_that_ship_are_small_and_say_what_they_come_from(known):
    from pixel.voice.personality.fingerprint.fingerprint import WEIGHTS

    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) < 5_000_000
    assert "AMI" in known.facts["source"] and "CC BY 4.0" in known.facts["source"]
    assert known.facts["groups"] == 15


def test_rows_of_zeros_stay_when_scaled():
    assert scaled(np.array([[0.0, 0.0], [3.0, 4.0]])).tolist() == [[0, 0], [0.6, 0.8]]
