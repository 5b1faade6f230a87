import json

import numpy as np
import pytest

from pixel.benchmarks.voice.accuracy_file import write_accuracy
from pixel.voice.quality import accuracy
from pixel.voice.segment import Segment, Word


@pytest.fixture
def rows():
    """Errors that both signs tell. In two rows nothing was heard, in two more nobody asked the second model."""
    draw = np.random.default_rng(0)
    found = []
    for place in range(120):
        wrong = draw.uniform(0, 0.8)
        row = {"name": f"u{place // 4}", "speaker": f"s{place % 5}", "condition": "clean", "wer": wrong}
        signs = {"word_probability": 1 - wrong, "mean_logprob": draw.normal(-0.5, 0.1), "agreement": 1 - wrong}
        if place < 2:
            row["condition"], signs = "white 5 dB", dict.fromkeys(signs)
        elif place < 4:
            signs["agreement"] = None
        found.append(row | signs)
    return found


def test_the_file_foretells_what_it_was_fitted_on(rows, tmp_path, monkeypatch):
    table = write_accuracy(rows, tmp_path / "accuracy.json", resamples=5)
    assert "| expected_wer, with agreement |" in table
    monkeypatch.setattr(accuracy, "WEIGHTS", tmp_path / "accuracy.json")
    accuracy.weights.cache_clear()
    try:
        for row in rows[4:14]:
            words = (Word(" yes", 0, 1, row["word_probability"]),)
            heard = Segment("a", 0, 1, "yes", words, mean_logprob=row["mean_logprob"], agreement=row["agreement"])
            assert accuracy.expected_wer(heard) == pytest.approx(row["wer"], abs=0.15)
    finally:
        accuracy.weights.cache_clear()


def test_the_file_says_what_it_was_fitted_on(rows, tmp_path):
    write_accuracy(rows, tmp_path / "accuracy.json", resamples=5)
    made = json.loads((tmp_path / "accuracy.json").read_text())
    assert "118 segments of one run" in made["about"] and "clean 118;" in made["about"]
    assert "30 utterances" in made["about"] and "5 speakers" in made["about"]
    assert made["validity"]["expected_wer, alone"]["n"] == 118
    assert made["validity"]["expected_wer, with agreement"]["n"] == 116


def test_one_model_alone_is_refused_with_a_mend(rows, tmp_path):
    with pytest.raises(ValueError, match="Mend: decode with two models"):
        write_accuracy([row | {"agreement": None} for row in rows], tmp_path / "accuracy.json", resamples=5)
    assert not list(tmp_path.iterdir())
