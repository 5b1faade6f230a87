"""A reviewer sees read-outs; words only of rows that were allowed by name."""

import json

import pytest

from pixel.models.readouts import turn_record
from pixel.training.review_request import ReviewText, review_conversations
from tests.training.callbacks.probes import read, severity

SECRET = "something that nobody else may read"


def row(id="a", licence="CC0-1.0", source="made"):
    messages = [{"role": "user", "content": SECRET}, {"role": "assistant", "content": "I see."}]
    return {"id": id, "source": source, "licence": licence, "messages": messages}


def spoken(id="a", roles="ua", **more):
    said = {"risk": [severity(4), severity(0)][: len(roles)], "genuine": [[0.5], [0.8]][: len(roles)]}
    return read(id, roles, said, **more)


def test_ids_roles_and_readouts_and_no_text_by_default():
    shown = review_conversations([spoken()], 5)
    assert SECRET not in json.dumps(shown)
    assert shown[0]["row_id"] == "a" and shown[0]["source"] == "made"
    first, second = shown[0]["turns"]
    assert set(first) == {"role", "readouts"} and (first["role"], second["role"]) == ("user", "assistant")
    assert sum(first["readouts"]["risk"]["severity"]) == pytest.approx(1.0, abs=1e-5)
    assert max(range(7), key=first["readouts"]["risk"]["severity"].__getitem__) == 4
    assert second["readouts"]["empathy"]["genuine"] == pytest.approx(0.8, abs=1e-4)


def test_only_trained_heads_are_shown():
    assert set(review_conversations([spoken()], 1, fields=["genuine"])[0]["turns"][0]["readouts"]) == {"empathy"}
    assert turn_record({}, []) == {}


@pytest.mark.parametrize("allow", [["a"], ["made:a"], ["cc0-1.0"]])
def test_a_row_is_shown_by_id_or_by_licence(allow):
    shown = review_conversations([spoken()], 1, text=ReviewText([row()], allow))
    assert [turn["text"] for turn in shown[0]["turns"]] == [SECRET, "I see."]


@pytest.mark.parametrize("allow", [[], ["b"], ["other:a"], ["CC0"], ["CC-BY-4.0"], ["made"], [""]])
def test_anything_else_shows_no_row(allow):
    shown = review_conversations([spoken()], 1, text=ReviewText([row(), row("c", licence=None)], allow))
    assert SECRET not in json.dumps(shown)


def test_the_same_id_of_another_corpus_stays_hidden():
    text = ReviewText([row(), row(source="private", licence="none")], ["made:a"])
    assert SECRET not in json.dumps(review_conversations([spoken(source="private")], 1, text=text))


def test_a_window_shows_the_words_of_its_own_turns_or_none():
    text = ReviewText([row()], ["a"])
    window = [read("a", "a", {"genuine": [[0.5]]})]
    assert "text" not in review_conversations(window, 1, text=text)[0]["turns"][0]
    shown = review_conversations(window, 1, text=text, turn_index=[[1]])
    assert shown[0]["turns"][0]["text"] == "I see."
    assert "text" not in review_conversations(window, 1, text=text, turn_index=[[7]])[0]["turns"][0]


def test_conversations_are_spread_over_the_probe_set_and_the_same_each_time():
    many = [spoken(str(number)) for number in range(11)]
    ids = [each["row_id"] for each in review_conversations(many, 3)]
    assert ids == ["0", "5", "10"] == [each["row_id"] for each in review_conversations(many, 3)]
    assert len(review_conversations(many, 99)) == 11
    assert review_conversations([], 3) == []


def test_what_a_diverged_network_reads_is_shown_as_no_number_and_can_be_written():
    shown = review_conversations([read("a", "u", {"genuine": [[float("nan")]], "risk": [severity(4)]})], 1)
    (turn,) = json.loads(json.dumps(shown, allow_nan=False))[0]["turns"]
    assert turn["readouts"]["empathy"]["genuine"] is None
    assert sum(turn["readouts"]["risk"]["severity"]) == pytest.approx(1.0, abs=1e-5)
