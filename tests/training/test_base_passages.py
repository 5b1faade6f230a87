"""The knowledge base can be named, files can stand beside it, and what is not there is said."""

import json
from string import ascii_lowercase

import numpy as np
import pytest

from pixel.data.errors import ConversationError
from pixel.training import base_passages
from pixel.training.arguments import SettingError
from pixel.training.base_passages import HybridPassages, named_passages
from pixel.training.chat_tokenizer import byte_tokenizer
from pixel.training.knowledge_context import knowledge_from
from pixel.training.passages import TextPassages


@pytest.fixture
def own(tmp_path):
    file = tmp_path / "own.jsonl"
    file.write_text(json.dumps({"id": "own/one", "text": "Zanzibar protocol for hiccups."}) + "\n")
    return file


def test_the_base_is_found_by_name_and_files_beside_it(own):
    passages = named_passages("base", [own], "tfidf")
    assert passages.search("Zanzibar hiccups", 1)[0][0] == "own/one"
    assert "panic_disorder" in passages.search("sudden panic attacks and fear of more attacks", 1)[0][0]
    assert len(named_passages(None, [own])) == 1


def test_without_the_hybrid_retriever_words_are_searched(monkeypatch, caplog):
    def missing(texts):
        raise ImportError("needs faiss. Mend: install it")

    monkeypatch.setattr(base_passages, "HybridPassages", missing)
    assert isinstance(named_passages("base", []), TextPassages) and "faiss" in caplog.text
    with pytest.raises(SettingError, match="faiss"):
        named_passages("base", [], "hybrid")


class Letters:
    """Counts letters: texts of like letters are alike."""

    def __init__(self):
        self.encoded = 0

    def encode(self, texts, **options):
        self.encoded += len(texts)
        counts = np.array([[text.lower().count(letter) for letter in ascii_lowercase] for text in texts], np.float32)
        return (counts + 0.01) / np.linalg.norm(counts + 0.01, axis=1, keepdims=True)


def test_an_index_is_made_once_and_anew_when_damaged(tmp_path):
    pytest.importorskip("faiss"), pytest.importorskip("bm25s")
    texts = {"sleep": "Sleep restriction for insomnia.", "fear": "Exposure for a phobia of spiders."}
    first = HybridPassages(texts, Letters(), tmp_path)
    assert first.search("spiders", 1)[0][0] == "fear" and len(first) == 2 and first.search("?!", 1) == []
    encoder = Letters()
    assert HybridPassages(texts, encoder, tmp_path).search("insomnia", 1)[0][0] == "sleep"
    again = encoder.encoded
    (place,) = tmp_path.iterdir()
    next(file for file in place.rglob("*") if file.is_file() and file.parent != place).write_bytes(b"")
    assert HybridPassages(texts, encoder := Letters(), tmp_path).search("spiders", 1)[0][0] == "fear"
    assert encoder.encoded > again


def test_names_that_do_not_exist_are_errors(own, tmp_path):
    for wrong in (("library", [], None), ("base", [], "oracle")):
        with pytest.raises(SettingError, match="Mend: "):
            named_passages(*wrong)
    taken = tmp_path / "taken.jsonl"
    taken.write_text(json.dumps({"id": "dsm/panic_disorder#summary", "text": "Another text."}) + "\n")
    with pytest.raises(ConversationError, match="stands twice"):
        named_passages("base", [taken], "tfidf")


def test_a_searcher_brings_the_floor_of_its_own_scale(monkeypatch):
    class Own(TextPassages):
        floor = 0.0125

    monkeypatch.setattr(base_passages, "HybridPassages", Own)
    assert knowledge_from({"passages": "base"}, byte_tokenizer(), 512).floor == 0.0125
    assert knowledge_from({"passages": "base", "floor": 0.5}, byte_tokenizer(), 512).floor == 0.5
    assert knowledge_from({"passages": "base", "retriever": "tfidf"}, byte_tokenizer(), 512).floor == 0.2


def test_the_option_of_a_yaml_file_reaches_the_rows():
    context = knowledge_from(
        {"passages": "base", "retriever": "tfidf", "share": 1.0, "floor": 0.05}, byte_tokenizer(), 4096
    )
    messages = [{"role": "user", "content": "Panic attacks come out of nowhere and I fear the next attack. " * 8},
                {"role": "assistant", "content": "That sounds frightening. " * 40}]  # fmt: skip
    row, used = context.row({"messages": messages, "id": "a", "source": "made"})
    assert row["messages"][0]["role"] == "system" and used["passages"][0]["id"].startswith("dsm/")
