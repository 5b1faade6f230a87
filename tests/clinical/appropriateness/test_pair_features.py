"""What the rule classifiers see, by hand."""

import numpy as np
import pytest

from pixel.clinical.appropriateness.pair_features import encode, gate, probability


class Counting:
    """Embeds a text as its length, and counts how many it was asked for."""

    size, asked = 1, 0

    def encode(self, texts):
        self.asked += len(texts)
        return np.array([[len(text)] for text in texts], dtype=np.float32)


def test_a_text_that_comes_twice_is_encoded_once_and_an_empty_one_is_zero():
    encoder = Counting()
    assert encode(["abc", "", "abc", "a"], encoder).tolist() == [[3], [0], [3], [1]]
    assert encoder.asked == 2


def test_the_last_coefficient_is_the_intercept():
    found = probability(np.array([1.0, -2.0, 0.5]), np.array([[0.0, 0.0], [2.0, 1.25]]))
    assert found == pytest.approx([1 / (1 + np.exp(-0.5)), 0.5])


def test_danger_opens_the_gate_from_a_half_on():
    assert gate(np.array([0.0, 0.25, 0.5, 1.0])).tolist() == [0.0, 0.5, 1.0, 1.0]
