import shutil

import pytest

from pixel.knowledge.retrieval import PassageSearcher, RetrievalError, check, update_index
from tests.knowledge.retrieval.conftest import WordEncoder

PARTS = ("vectors.npy", "dense.faiss", "words/vocab.index.json", "passages/data-00000-of-00001.arrow")


@pytest.mark.parametrize("part", PARTS)
def test_one_flipped_byte_is_noticed_and_named(built, part):
    folder, encoder = built
    file = folder / "shard-00001" / part
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    assert check(folder) == [f"shard-00001/{part}: corrupted (its SHA-256 is not the manifest's)"]
    with pytest.raises(RetrievalError, match="corrupted.*Mend"):
        PassageSearcher(folder, encoder)


@pytest.mark.parametrize("verify", [True, False])
def test_a_missing_shard_is_named(built, verify):
    folder, encoder = built
    shutil.rmtree(folder / "shard-00002")
    with pytest.raises(RetrievalError, match="shard-00002.*Mend"):
        PassageSearcher(folder, encoder, verify=verify)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_cut_short_is_noticed_without_hashing_too(built, part):
    folder, encoder = built
    file = folder / "shard-00001" / part
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(RetrievalError, match="shard-00001.*Mend"):
        PassageSearcher(folder, encoder, verify=False)


@pytest.mark.parametrize(
    "other, problem", [(WordEncoder(salt="x"), "another encoder"), (WordEncoder(8), "dimensions")]
)
def test_another_encoder_is_refused_for_queries_and_updates(built, other, problem):
    folder, _ = built
    with pytest.raises(RetrievalError, match=problem):
        PassageSearcher(folder, other).search("panic")
    with pytest.raises(RetrievalError, match=problem):
        update_index(folder, other, {"a": "words"}, progress=False)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', '{"version": 99}'])
def test_a_damaged_manifest_is_named(built, content):
    folder, encoder = built
    (folder / "manifest.json").write_text(content)
    with pytest.raises(RetrievalError, match="manifest.json.*Mend"):
        PassageSearcher(folder, encoder)


def test_a_folder_without_an_index_says_so(tmp_path):
    with pytest.raises(RetrievalError, match="no finished index.*Mend"):
        PassageSearcher(tmp_path)
