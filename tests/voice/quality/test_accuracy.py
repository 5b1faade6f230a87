import math

import numpy as np
import pytest

from pixel.benchmarks.voice.accuracy_weights import fit, foretold
from pixel.voice.quality.accuracy import expected_wer, foretell
from pixel.voice.segment import Segment, Word


def segment(probability, agreement=None, logprob=-0.3):
    words = (Word(" yes", 0, 1, probability),)
    return Segment("a.mp3", 0, 1, "yes", words, mean_logprob=logprob, agreement=agreement)


def test_the_formula_is_the_logistic_of_a_weighted_sum():
    weights = {"intercept": -1.0, "agreement": {"weight": 2.0, "mean": 0.5, "scale": 0.25}}
    assert foretell(weights, {"agreement": 1.0}) == pytest.approx(1 / (1 + math.exp(-(-1 + 2 * 2))))


def test_surer_words_foretell_fewer_errors():
    told = [expected_wer(segment(p)) for p in (0.3, 0.5, 0.7, 0.9)]
    assert told == sorted(told, reverse=True) and told[0] - told[-1] > 0.1


def test_two_models_that_differ_foretell_more_errors():
    assert expected_wer(segment(0.7, agreement=0.2)) > expected_wer(segment(0.7, agreement=1.0)) + 0.1


def test_without_words_nothing_is_foretold():
    assert expected_wer(Segment("a.mp3", 0, 1, "")) is None


def rows(count=200, seed=0):
    """Word error rates that follow the word probability alone."""
    draw = np.random.default_rng(seed)
    found = []
    for place in range(count):
        probability = draw.uniform(0.2, 1)
        found.append(
            {
                "speaker": str(place % 4),
                "word_probability": probability,
                "mean_logprob": draw.normal(),
                "wer": 1 / (1 + math.exp(-(3 - 6 * probability))),
            }
        )
    return found


def test_the_fit_finds_the_curve_that_made_the_errors():
    made = rows()
    weights = fit(made, ("word_probability", "mean_logprob"))
    for row in made[:20]:
        signs = {name: row[name] for name in ("word_probability", "mean_logprob")}
        assert foretell(weights, signs) == pytest.approx(row["wer"], abs=0.05)


def test_a_speaker_is_foretold_by_the_others_alone():
    made = rows()
    before = foretold(made, ("word_probability",))
    changed = [row | {"wer": 0.5} if row["speaker"] == "1" else row for row in made]
    after = foretold(changed, ("word_probability",))
    own = np.array([row["speaker"] == "1" for row in made])
    np.testing.assert_allclose(before[own], after[own])
    assert not np.allclose(before[~own], after[~own])
