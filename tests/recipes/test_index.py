import json

import pytest

from pixel.knowledge.retrieval import RetrievalError
from tests.knowledge.retrieval.conftest import PASSAGES, WordEncoder

pytest.importorskip("faiss"), pytest.importorskip("bm25s")


@pytest.fixture
def index(recipe, tmp_path, monkeypatch, capsys):
    """Runs the recipe with an encoder of words; returns what it printed."""
    module, encoder = recipe("index"), WordEncoder()
    monkeypatch.setattr(module, "encoder", lambda name: encoder)
    monkeypatch.setattr("pixel.text.sentence_encoder.default_encoder", lambda: encoder)

    def run(*arguments):
        capsys.readouterr()
        module.main(module.options([str(argument) for argument in arguments]))
        return capsys.readouterr().out

    return run


@pytest.fixture
def file(tmp_path):
    rows = [{"id": key, "text": text} for key, text in PASSAGES.items()]
    (tmp_path / "passages.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path / "passages.jsonl"


def test_built_searched_changed_and_checked(index, file, tmp_path):
    folder = tmp_path / "index"
    assert "9 passages" in index("build", "--input", file, "--output", folder)
    found = [json.loads(line) for line in index("search", "--index", folder, "--query", "panic attacks").splitlines()]
    assert found[0]["id"] == "panic" and 0 <= found[0]["relevance"] <= 1
    more = tmp_path / "more.jsonl"
    more.write_text(json.dumps({"id": "grief", "text": "Grief after a death."}) + "\n")
    assert "1 added" in index("add", "--index", folder, "--input", more, "--remove", "panic")
    found = [
        json.loads(line) for line in index("search", "--index", folder, "--query", "grief", "--k", 1).splitlines()
    ]
    assert [row["id"] for row in found] == ["grief"]
    assert "all well" in index("check", "--index", folder)


def test_a_damaged_index_ends_the_check_with_a_status(index, file, tmp_path):
    folder = tmp_path / "index"
    index("build", "--input", file, "--output", folder)
    (folder / "shard-00000" / "vectors.npy").write_bytes(b"x")
    with pytest.raises(SystemExit, match="1 of .* files"):
        index("check", "--index", folder)


def test_an_empty_query_and_a_folder_without_index_are_explained(index, file, tmp_path):
    index("build", "--input", file, "--output", tmp_path / "index")
    with pytest.raises(RetrievalError, match="empty"):
        index("search", "--index", tmp_path / "index", "--query", " ")
    with pytest.raises(RetrievalError, match="no finished index"):
        index("search", "--index", tmp_path / "nowhere", "--query", "panic")
