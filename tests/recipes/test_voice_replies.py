"""Messages answered in a recorded voice, by one command."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from pixel.data.errors import ConversationError
from pixel.voice.conversations.therapeutic import TherapeuticGate
from tests.voice.conversations.conftest import CalmDetector, CalmRules, CountingEncoder, in_line, transcription

TALK = " ".join(f"word{n}" for n in range(30))
LONG = [("S1", TALK)] * 12  # 360 words: six passages of 60
FIRST, SECOND = "Boats sail out at dawn with nets.", "Boats sail home at dawn with nets."


class CalmGate(TherapeuticGate):
    """The gate without its weights."""

    def __init__(self, region=None):
        super().__init__(CalmDetector(), CalmRules(), region)


class Words:
    """A fingerprint of how often `out` and how much was said, refused below six words."""

    def vector(self, text):
        words = text.split()
        if len(words) < 6:
            raise ValueError("too short")
        return np.array([1.0 + 10 * words.count("out"), len(words) / 10])


class Writer:
    """Writes what a test set, and keeps what it was shown; breaks off at the message BREAK."""

    texts, shown, breaks = (), [], False
    tokenizer = SimpleNamespace(chat_template="any")

    def __init__(self, model, device):
        assert device == "cpu"

    def write(self, messages, count, seed, most_tokens):
        if Writer.breaks and "BREAK" in messages[-1]["content"]:
            raise KeyboardInterrupt
        Writer.shown.append(list(messages))
        return list(Writer.texts)[:count]


@pytest.fixture
def reply(recipe, tmp_path, monkeypatch):
    """`reply(rows, *words, files=None)`: the recipe over a transcription; gives the rows it wrote."""
    monkeypatch.setattr("pixel.text.sentence_encoder.default_encoder", CountingEncoder)
    monkeypatch.setattr("pixel.voice.conversations.therapeutic.TherapeuticGate", CalmGate)
    monkeypatch.setattr("pixel.voice.conversations.writer.CausalWriter", Writer)
    monkeypatch.setattr(
        "pixel.voice.personality.fingerprint.fingerprint.Fingerprint", SimpleNamespace(load=lambda: Words())
    )
    monkeypatch.setattr(Writer, "texts", (FIRST, SECOND))
    monkeypatch.setattr(Writer, "shown", [])
    module = recipe("voice_replies")

    def run(rows, *words, files=None):
        if not (tmp_path / "voice").exists():
            named = files or {"a.wav": (LONG, {})}
            transcription(
                tmp_path / "voice",
                {name: (in_line(*lines, file=name), facts) for name, (lines, facts) in named.items()},
            )
        asked, output = tmp_path / "messages.jsonl", tmp_path / "replies.jsonl"
        asked.write_text("".join(json.dumps(row) + "\n" for row in rows))
        given = ["--input", str(tmp_path / "voice"), "--messages", str(asked), "--output", str(output)]
        module.main(module.options([*given, "--writer", "told", "--device", "cpu", *words]))
        return [json.loads(line) for line in output.read_text().splitlines()]

    return run


def ask(id, message="Do boats sail with nets at dawn?"):
    return {"id": id, "message": message}


def test_the_candidate_most_like_the_voice_answers(reply):
    (row,) = reply([ask("m1")])
    likeness = (1 + 0.7 * 36) / np.hypot(1, 0.7) / np.hypot(1, 36)  # 7 words beside 360
    assert (row["id"], row["reply"], row["likeness"]) == ("m1", SECOND, round(likeness, 4))
    assert (row["candidates"], row["usable"], row["refused"], row["crisis"]) == (2, 2, {}, None)


def test_a_message_in_crisis_gets_the_safety_guides_reply_and_nothing_is_written(reply):
    (row,) = reply([ask("m1", "I am in DANGER")], "--region", "GB")
    assert row["reply"] == CalmGate("GB").reply("suicide") and "116 123" in row["reply"]
    assert (row["crisis"], row["candidates"], row["likeness"], Writer.shown) == ("suicide", 0, None, [])


def test_a_crisis_earlier_in_the_conversation_counts(reply):
    said = [("user", "I am in DANGER"), ("assistant", "Stay with me."), ("user", "Do boats sail?")]
    (row,) = reply([{"id": 1, "messages": [{"role": role, "content": text} for role, text in said]}])
    assert row["crisis"] == "suicide" and Writer.shown == []


def test_candidates_that_break_a_rule_are_refused_with_their_reasons(reply, monkeypatch):
    monkeypatch.setattr(Writer, "texts", ("Take PILLS at dawn with nets.", FIRST, "DANGER sails at dawn.", ""))
    (row,) = reply([ask("m1")])
    assert row["reply"] == FIRST and (row["candidates"], row["usable"]) == (4, 1)
    assert row["refused"] == {
        "rule: medication_advice": 1, "crisis in a reply: suicide": 1, "form: empty_turn": 1
    }  # fmt: skip


def test_where_every_candidate_is_refused_there_is_no_reply(reply, monkeypatch):
    monkeypatch.setattr(Writer, "texts", ("Take PILLS.",))
    (row,) = reply([ask("m1")])
    assert row["reply"] is None and row["refused"] == {"rule: medication_advice": 1}


def test_the_writer_sees_the_conversation_behind_the_voices_passages(reply):
    said = [("system", "Be a pirate."), ("user", "Ahoy."), ("assistant", "Good day."), ("user", "Do boats sail?")]
    reply([{"id": 1, "messages": [{"role": role, "content": text} for role, text in said]}])
    (shown,) = Writer.shown
    assert [one["content"] for one in shown[1:]] == ["Ahoy.", "Good day.", "Do boats sail?"]
    assert "word3 word4" in shown[0]["content"] and "pirate" not in shown[0]["content"]


def test_an_interrupted_run_goes_on_with_what_the_voice_said_before(reply, tmp_path, monkeypatch, capsys):
    rows = [ask(1), ask(2, "I am in DANGER"), ask(3, "Do boats sail home? BREAK")]
    whole = reply(rows)
    assert whole[2]["likeness"] > whole[0]["likeness"]  # 14 words by then
    (tmp_path / "replies.jsonl").unlink()
    monkeypatch.setattr(Writer, "breaks", True)
    with pytest.raises(KeyboardInterrupt):
        reply(rows)
    assert not (tmp_path / "replies.jsonl").exists()
    monkeypatch.setattr(Writer, "breaks", False)
    Writer.shown.clear()
    assert reply(rows) == whole and len(Writer.shown) == 1
    assert "Going on after 2 of 3 messages" in capsys.readouterr().out


def test_several_voices_are_listed_in_one_line(reply):
    files = {"a.wav": (LONG, {"channel": "Tea"}), "b.wav": ([*LONG, ("S2", TALK)], {}), "c.wav": (LONG[:1], {})}
    with pytest.raises(ConversationError, match=r"2 voices .*--voice takes one of: Tea \(360.*, b.wav \(360") as told:
        reply([ask(1)], files=files)
    assert "\n" not in str(told.value) and "c.wav" not in str(told.value)


@pytest.mark.parametrize("name", ["Tea", "a.wav", "a.wav:S1"])
def test_a_voice_is_found_by_channel_file_or_speaker(reply, name, capsys):
    reply([ask(1)], "--voice", name, files={"a.wav": (LONG, {"channel": "Tea"}), "b.wav": (LONG, {})})
    assert "answered as Tea" in capsys.readouterr().out


def test_an_unknown_and_a_too_short_voice_are_named(reply):
    files = {"a.wav": (LONG, {}), "c.wav": (LONG[:2], {})}
    with pytest.raises(ConversationError, match="no voices are called 'Bob'.*a.wav"):
        reply([ask(1)], "--voice", "Bob", files=files)
    with pytest.raises(ConversationError, match="'c.wav' has 60 words"):
        reply([ask(1)], "--voice", "c.wav")


def test_a_recording_whose_consent_was_withdrawn_has_no_voice(reply):
    with pytest.raises(ConversationError, match="0 voices"):
        reply([ask(1)], files={"a.wav": (LONG, {"consent": {"withdrawn": "2026-01-01"}})})


@pytest.mark.parametrize(
    "bad, field",
    [
        ({"id": 2}, "message"),
        ({"message": "secret"}, "id"),
        ({"id": 2, "message": " "}, "message"),
        ({"id": 2, "messages": [{"role": "assistant", "content": "secret"}]}, "messages"),
    ],
)
def test_a_bad_row_is_named_without_its_text_before_anything_is_written(reply, bad, field):
    with pytest.raises(ConversationError, match=f"messages.jsonl, row 2, field '{field}'") as told:
        reply([ask(1), bad])
    assert "secret" not in str(told.value) and Writer.shown == []


def test_a_text_is_never_printed(reply, capsys):
    reply([ask(1, "Do secret boats sail at dawn?")])
    told = capsys.readouterr()
    assert not {"secret", "nets", "dawn", "word3"} & set((told.out + told.err).replace(".", " ").split())


def test_a_writer_that_is_not_there_is_named(reply, tmp_path, monkeypatch):
    def missing(*given):
        raise OSError

    monkeypatch.setattr("pixel.voice.conversations.writer.CausalWriter", missing)
    with pytest.raises(SystemExit, match="error: --writer .*nowhere: no causal model there"):
        reply([ask(1)], "--writer", str(tmp_path / "nowhere"))
