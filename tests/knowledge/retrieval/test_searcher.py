import inspect

import numpy as np
import pytest

from pixel.knowledge.retrieval import PassageSearcher, RetrievalError, merge
from pixel.training.passages import Passages
from tests.knowledge.retrieval.conftest import PASSAGES


@pytest.fixture
def searcher(built):
    return PassageSearcher(*built)


def test_it_has_what_the_trainer_asks_of_passages(searcher):
    asked = list(inspect.signature(Passages.search).parameters)[1:]
    assert list(inspect.signature(searcher.search).parameters)[: len(asked)] == asked
    assert len(searcher) == len(PASSAGES) == 9


@pytest.mark.parametrize("key", PASSAGES)
def test_every_passage_is_found_first_by_its_own_words(searcher, key):
    found = searcher.search(PASSAGES[key], 3)
    assert found[0][:2] == (key, PASSAGES[key])
    relevances = [relevance for _, _, relevance in found]
    assert relevances == sorted(relevances, reverse=True)
    assert 0 <= relevances[-1] and relevances[0] <= 1


def test_shards_searched_apart_and_merged_find_the_same(built, searcher):
    folder, encoder = built
    apart = [
        PassageSearcher(folder, encoder, shards=[number]).search("fear of dogs at night", 4) for number in (0, 1, 2)
    ]
    whole = searcher.search("fear of dogs at night", 1)
    assert merge(apart, 1)[0][0] == whole[0][0] == "phobia"


def test_a_floor_leaves_out_what_is_less_relevant(searcher):
    found = searcher.search("panic attacks", 9)
    middle = found[3][2]
    assert [key for key, _, _ in searcher.search("panic attacks", 9, floor=middle)] == [
        key for key, _, relevance in found if relevance >= middle
    ]


@pytest.mark.parametrize("query", ["", "   ", "\x00\x07", "\u200b", "?!", "\ud800"])
def test_an_empty_query_is_refused_with_the_mend(searcher, query):
    with pytest.raises(RetrievalError, match="empty.*Mend"):
        searcher.search(query)


def test_control_characters_change_nothing(searcher):
    assert searcher.search("panic\x00 at\u200btacks\x1b", 2) == searcher.search("panic attacks", 2)


def test_a_message_of_100_000_characters_is_searched(searcher):
    assert searcher.search("panic attacks with fear of dying " * 3031, 1)[0][0] == "panic"


@pytest.mark.parametrize(
    "query", ["не могу спать по ночам", "夜眠れない", "ich kann nachts nicht schlafen", "xqzt vbnk"]
)
def test_another_language_or_noise_has_a_low_relevance(searcher, query):
    assert all(relevance < 0.05 for _, _, relevance in searcher.search(query, 9))


def test_diversity_passes_by_a_copy(tmp_path, encoder):
    pytest.importorskip("faiss"), pytest.importorskip("bm25s")
    from pixel.knowledge.retrieval import build_index

    passages = {"a": "panic attacks at night", "b": "attacks of panic at night", "c": "panic and fear of dying"}
    build_index(passages, tmp_path / "index", encoder, progress=False)
    searcher = PassageSearcher(tmp_path / "index", encoder)
    assert {key for key, _, _ in searcher.search("panic attacks at night", 2)} == {"a", "b"}
    assert "c" in {key for key, _, _ in searcher.search("panic attacks at night", 2, diversity=0.3)}


def test_the_same_query_is_embedded_once_also_by_a_later_process(built, tmp_path):
    folder, encoder = built
    first = PassageSearcher(folder, encoder, cache=tmp_path / "queries.sqlite")
    first.search("panic attacks"), first.search("panic  attacks")
    assert encoder.asked.count("panic attacks") == 1
    PassageSearcher(folder, encoder, cache=tmp_path / "queries.sqlite").search("panic attacks")
    assert encoder.asked.count("panic attacks") == 1


def test_a_given_vector_of_another_size_is_refused(searcher):
    with pytest.raises(RetrievalError, match="dimensions"):
        searcher.search("panic", vector=np.zeros(3, dtype=np.float32))
    with pytest.raises(RetrievalError, match="at least 1"):
        searcher.search("panic", 0)
