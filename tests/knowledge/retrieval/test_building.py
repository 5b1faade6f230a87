import json

import numpy as np
import pytest

from pixel.knowledge.retrieval import PassageSearcher, RetrievalError, build_index, check, update_index
from tests.knowledge.retrieval.conftest import PASSAGES, WordEncoder


def test_an_update_adds_replaces_and_removes_and_embeds_only_what_is_new(built):
    folder, encoder = built
    encoder.asked.clear()
    new = {"grief": "Grief after a death.", "worry": "Worry that will not end.", "sleep": PASSAGES["sleep"]}
    counts = update_index(folder, encoder, new, ["voices"], shard_rows=4, progress=False)
    assert counts == {"added": 1, "replaced": 1, "removed": 1, "unchanged": 1, "embedded": 2}
    assert {text for text in encoder.asked if text in new.values()} == {new["worry"], new["grief"]}
    searcher = PassageSearcher(folder, encoder)
    assert len(searcher) == 9
    assert searcher.search("Grief after a death", 1)[0][0] == "grief"
    assert searcher.search("Worry that will not end", 1)[0][:2] == ("worry", new["worry"])
    assert "voices" not in {key for key, _, _ in searcher.search("hearing voices", 9)}
    assert check(folder) == []


def test_an_updated_index_searches_like_one_built_at_once(built, tmp_path):
    folder, encoder = built
    update_index(folder, encoder, {"grief": "Grief after a death."}, ["mood"], progress=False)
    kept = {key: text for key, text in PASSAGES.items() if key != "mood"} | {"grief": "Grief after a death."}
    build_index(kept, tmp_path / "anew", encoder, progress=False)
    for query in ("grief", "fear of dying", "awake at night"):
        first, second = (PassageSearcher(path, encoder).search(query, 1) for path in (folder, tmp_path / "anew"))
        assert first[0][:2] == second[0][:2]


def test_shards_without_a_change_keep_their_files(built):
    folder, encoder = built
    before = {shard["name"] for shard in json.loads((folder / "manifest.json").read_text())["shards"]}
    times = {name: (folder / name / "vectors.npy").stat().st_mtime_ns for name in before}
    update_index(folder, encoder, remove=["alcohol"], shard_rows=4, progress=False)  # alone in the last shard
    after = {shard["name"] for shard in json.loads((folder / "manifest.json").read_text())["shards"]}
    assert len(before) == 3 and len(after) == 2 and after < before
    assert all((folder / name / "vectors.npy").stat().st_mtime_ns == times[name] for name in after)


def test_an_update_without_a_change_writes_nothing(built):
    folder, encoder = built
    before = (folder / "manifest.json").stat().st_mtime_ns
    assert update_index(folder, encoder, PASSAGES, progress=False)["unchanged"] == 9
    assert (folder / "manifest.json").stat().st_mtime_ns == before


def test_an_interrupted_build_embeds_the_rest_only(tmp_path, monkeypatch):
    pytest.importorskip("faiss"), pytest.importorskip("bm25s")
    monkeypatch.setattr("pixel.knowledge.retrieval.embedding.PIECE", 2)

    class Failing(WordEncoder):
        def encode(self, texts):
            if PASSAGES["trauma"] in texts and self.fails:
                raise KeyboardInterrupt
            return super().encode(texts)

    encoder = Failing()
    encoder.fails = True
    with pytest.raises(KeyboardInterrupt):
        build_index(PASSAGES, tmp_path / "index", encoder, progress=False)
    with pytest.raises(RetrievalError, match="no finished index"):
        PassageSearcher(tmp_path / "index", encoder)
    encoder.fails = False
    build_index(PASSAGES, tmp_path / "index", encoder, progress=False)
    assert all(encoder.asked.count(text) == 1 for text in PASSAGES.values())
    assert not (tmp_path / "index" / "embeddings.partial").exists()


@pytest.mark.parametrize("passages", [{}, {"a": ""}, {"a": "\x00 "}, {"a": None}])
def test_passages_without_text_are_refused(tmp_path, encoder, passages):
    with pytest.raises(RetrievalError, match="Mend"):
        build_index(passages, tmp_path / "index", encoder, progress=False)


def test_removing_what_is_not_there_or_all_there_is_is_refused(built):
    folder, encoder = built
    with pytest.raises(RetrievalError, match="'nobody'"):
        update_index(folder, encoder, remove=["nobody"], progress=False)
    with pytest.raises(RetrievalError, match="left empty"):
        update_index(folder, encoder, remove=list(PASSAGES), progress=False)


def test_vectors_stay_on_disk(built):
    folder, encoder = built
    assert isinstance(PassageSearcher(folder, encoder).shards[0].vectors, np.memmap)
