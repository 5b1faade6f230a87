"""Passages of knowledge are found by their words, and a bad line is named."""

import json

import pytest

from pixel.data.errors import ConversationError
from pixel.training.passages import TextPassages

TEXTS = {
    "sleep": "Sleep restriction shortens the time in bed for insomnia.",
    "phobia": "Exposure helps a specific phobia of spiders.",
    "grief": "Grief over a loss comes in waves.",
}


def file_of(folder, *lines: str):
    file = folder / "passages.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_the_passage_that_shares_words_comes_first_and_others_are_not_found():
    found = TextPassages(TEXTS).search("I have insomnia and lie in bed", 3)
    assert found[0][:2] == ("sleep", TEXTS["sleep"])
    assert "phobia" not in [id for id, _, _ in found]


def test_relevance_of_a_passage_to_itself_is_one():
    found = TextPassages(TEXTS).search(TEXTS["phobia"], 1)
    assert found == [("phobia", TEXTS["phobia"], pytest.approx(1.0, abs=1e-6))]


@pytest.mark.parametrize("query", ["", "???", "zebra"])
def test_a_query_without_a_known_word_finds_nothing(query):
    assert TextPassages(TEXTS).search(query, 3) == []


def test_passages_are_read_from_several_files(tmp_path):
    first = file_of(tmp_path, *(json.dumps({"id": id, "text": text, "more": 1}) for id, text in TEXTS.items()), "")
    second = tmp_path / "more.jsonl"
    second.write_text(json.dumps({"id": "pain", "text": "Pacing for pain."}))
    passages = TextPassages.from_jsonl(first, second)
    assert len(passages) == 4
    assert passages.ids == [*TEXTS, "pain"]


@pytest.mark.parametrize(
    ("line", "field", "words"),
    [
        ("{", None, "is not JSON"),
        ("[1]", None, "is not a JSON object"),
        ('{"id": "x"}', "text", "is missing"),
        ('{"id": 7, "text": "seven"}', "id", "is missing"),
        ('{"id": "x", "text": "  "}', "text", "is missing"),
        ('{"id": "ok", "text": "again"}', "id", "stands twice"),
    ],
)
def test_a_bad_line_is_named_with_file_row_field_and_mend(tmp_path, line, field, words):
    file = file_of(tmp_path, '{"id": "ok", "text": "fine"}', line)
    with pytest.raises(ConversationError, match=words) as caught:
        TextPassages.from_jsonl(file)
    assert (caught.value.file, caught.value.row, caught.value.field) == (file, 2, field)
    assert caught.value.mend


def test_an_id_may_not_stand_in_two_files(tmp_path):
    file = file_of(tmp_path, '{"id": "ok", "text": "fine"}')
    with pytest.raises(ConversationError, match="stands twice"):
        TextPassages.from_jsonl(file, file)


def test_bytes_that_are_no_text_are_named(tmp_path):
    file = tmp_path / "passages.jsonl"
    file.write_bytes(b'{"id": "a", "text": "\xff"}\n')
    with pytest.raises(ConversationError, match="row 1.*UTF-8"):
        TextPassages.from_jsonl(file)


def test_no_file_no_passage_and_no_word_are_said(tmp_path):
    with pytest.raises(ConversationError, match="file not found"):
        TextPassages.from_jsonl(tmp_path / "none.jsonl")
    with pytest.raises(ConversationError, match="there are no passages"):
        TextPassages.from_jsonl(file_of(tmp_path, ""))
    with pytest.raises(ConversationError, match="no passage has a word"):
        TextPassages({"a": "! ?"})
