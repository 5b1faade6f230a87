"""A reply that takes up what was said fits; what it sees is counted by hand."""

import json

import numpy as np
import pytest

from pixel.evaluation.conversation.coherence import FEATURES, CoherenceReader, fit_coherence, relations
from pixel.evaluation.conversation.exchanges import Exchange, exchanges, swapped
from tests.evaluation.conversation.toy_talk import WORDS, BagOfWords, talk


def one(reply, *before):
    return Exchange("x", "g", before, reply)


def test_the_four_relations_are_those_counted_by_hand():
    found = relations([one("Sorry. A dog!", "hello exam", "rent", "My dog dog exam?")], BagOfWords())[0]
    # "dog dog exam" against "sorry", "dog!" (unknown) -> only sorry: 0; earlier: mean of (hello, exam)/sqrt2 and rent
    assert found == pytest.approx([0.0, 0.0, 1 / 2, 1.0])
    found = relations([one("dog", "rent", "dog exam.")], BagOfWords())[0]
    assert found == pytest.approx([1 / 2**0.5, 0.0, 1.0, 0.0])


def test_a_reply_without_words_has_no_coherence(tmp_path):
    file = tmp_path / "w.json"
    file.write_text(json.dumps(dict.fromkeys(FEATURES, 1.0) | {"intercept": 0.0}))
    scores = CoherenceReader(BagOfWords(), file).score([one("...", "dog"), one("dog", "dog")])
    assert np.isnan(scores[0])
    assert scores[1] == pytest.approx(1 / (1 + np.exp(-2)))  # cosine 1 and the word shared, nothing else


def test_fitted_weights_tell_replies_in_place_from_swapped_ones():
    draw = np.random.default_rng(0)
    rows = []
    for number in range(120):
        topic = WORDS[int(draw.integers(4))]
        rows.append(
            talk(number, f"my {topic} again", f"tell me of the {topic}", f"the {topic} is bad", f"poor {topic}")
        )
    given = exchanges(rows)
    true, false = relations(given, BagOfWords()), relations(swapped(given), BagOfWords())
    weights = fit_coherence(true, false)
    assert weights["answered"] > 0
    column = np.array([weights[name] for name in FEATURES])
    assert (true @ column).mean() > (false @ column).mean() + 1


def test_no_replies_no_scores():
    assert relations([], BagOfWords()).shape == (0, 4)
