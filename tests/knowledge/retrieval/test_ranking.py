import numpy as np
import pytest

from pixel.knowledge.retrieval.adaptive import adaptive_k
from pixel.knowledge.retrieval.fitting import JudgedQuery, fit, ndcg
from pixel.knowledge.retrieval.fusion import Fusion
from pixel.knowledge.retrieval.lexical import LexicalIndex, best_rows
from pixel.knowledge.retrieval.mmr import diversify
from pixel.knowledge.retrieval.words import words


def test_the_best_rows_are_those_of_a_full_sort():
    draw = np.random.default_rng(0)
    for size in (5, 300, 70_000):
        scores = draw.random(size).astype(np.float32)
        assert set(best_rows(scores, 10)) == set(np.argsort(-scores)[:10])
    assert len(best_rows(np.zeros(9), 3)) == 0


def test_a_lexical_score_is_bm25_over_the_information_of_the_query():
    pytest.importorskip("bm25s")
    texts = ["panic attack", "panic", "sleep", "worry worry"]
    found = LexicalIndex.build(texts).scores(words("panic zebra"))
    known, unknown = np.log(1 + 2.5 / 2.5), np.log(1 + 4.5 / 0.5)
    lengths, mean = np.array([2, 1]), 6 / 4
    expected = known / (1 + 1.5 * (0.25 + 0.75 * lengths / mean)) / (known + unknown)
    np.testing.assert_allclose(found, [*expected, 0, 0], rtol=1e-4)


def test_ndcg_of_a_perfect_and_of_a_known_ranking():
    assert ndcg(np.array([0.9, 0.8, 0.1]), np.array([0, 1])) == 1
    assert ndcg(np.array([0.9, 0.8, 0.1]), np.array([2])) == pytest.approx(1 / np.log2(4))
    assert ndcg(np.arange(20.0), np.array([0])) == 0


def test_fusion_learns_to_listen_to_the_score_that_knows():
    draw = np.random.default_rng(1)

    def queries(knows):
        out = []
        for _ in range(40):
            scores = {"cosine": draw.random(30) * 0.2, "lexical": draw.random(30) * 0.2}
            answer = draw.integers(30)
            scores[knows][answer] = 0.25
            out.append(JudgedQuery(**scores, words=5, relevant=np.array([answer]), source=knows))
        return out

    assert fit(queries("lexical")).weight > 2 * fit(queries("cosine")).weight


def test_relevance_rises_with_the_score_and_falls_with_what_is_not_understood():
    fusion = Fusion()
    relevance = fusion.relevance(np.array([0.0, 0.5, 2.0]), 5)
    assert 0 < relevance[0] < relevance[1] < relevance[2] < 1
    np.testing.assert_allclose(fusion.relevance(np.array([0.5]), 5, understood=0.25), relevance[1:2] / 2)


def test_the_first_passage_of_a_diverse_list_is_the_most_relevant_and_none_comes_twice():
    draw = np.random.default_rng(2)
    vectors = draw.standard_normal((12, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    relevance = draw.random(12)
    chosen = diversify(relevance, vectors, 12, 0.5)
    assert chosen[0] == relevance.argmax() and sorted(chosen) == list(range(12))
    assert diversify(relevance, vectors, 5, 1.0) == np.argsort(-relevance)[:5].tolist()


@pytest.mark.parametrize(
    "relevance, kept", [([0.9], 1), ([], 0), ([0.9, 0.1], 1), ([0.5, 0.5, 0.1], 2), ([0.0, 0.0], 2)]
)
def test_the_list_ends_before_a_wide_gap(relevance, kept):
    assert adaptive_k(np.array(relevance)) == kept
