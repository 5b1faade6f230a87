"""One recording's conversations, and many recordings' with a kill between them."""

import json
from dataclasses import replace

import pytest

import pixel.voice.conversations.making as making
from pixel.data.errors import ConversationError
from pixel.voice.conversations.building import Settings, build_file
from pixel.voice.conversations.inputs import read_files
from pixel.voice.conversations.making import make
from tests.voice.conversations.conftest import CONSENT, INTERVIEW, ToldWriter, in_line, said, transcription

TALK = (
    ("S1", "Our boats sail at dawn with nets and ropes, and the boats carry nets for herring. " * 3),
    ("S1", "What makes good bread from rye flour? " + "Rye flour makes good bread with slow yeast. " * 5),
)
FACTS = {"file": "a.wav"}


def test_an_interview_becomes_a_dialogue_of_the_one_who_answers(tools):
    made = build_file(in_line(*INTERVIEW), FACTS, Settings(), tools)
    (row,) = made["rows"]
    assert [one["content"] for one in row["messages"]] == [text for _, text in INTERVIEW]
    assert row["speaker"] == "S2" and row["own"] == " ".join(text for who, text in INTERVIEW if who == "S2")
    assert made["counts"]["conversations"] == 1 and row["about"]["asks"] == "user"


def test_a_talk_becomes_questions_and_passages(tools):
    made = build_file(in_line(*TALK), FACTS, Settings(least_words=20), tools)
    assert [row["messages"][0]["content"] for row in made["rows"]] == ["What makes good bread from rye flour?"]
    writer = ToldWriter(lambda _: ["Do boats carry nets at dawn?"])
    more = build_file(in_line(*TALK), FACTS, Settings(least_words=20), replace(tools, writer=writer))
    assert [row["about"]["question"] for row in more["rows"]] == ["written", "posed"]
    assert more["rows"][0]["about"]["written_by"] == "told"


def test_what_points_at_a_person_is_gone_before_anything_is_kept(tools):
    lines = [(who, text.replace("Sunday", "Sunday with Dr. Huber, write to a@b.org")) for who, text in INTERVIEW]
    made = build_file(in_line(*lines), FACTS, Settings(), tools)
    assert "Huber" not in str(made) and "a@b.org" not in str(made) and "[EMAIL]" in str(made)
    assert made["rows"][0]["clear"] is False


def test_names_that_the_source_gives_are_replaced_too(tools):
    lines = [(who, text.replace("Sunday", "Sunday with Ann Hill and Coach Vreni")) for who, text in INTERVIEW]
    facts = FACTS | {"persona": "Coach Vreni", "consent": CONSENT | {"given_by": "Ann Hill"}}
    made = build_file(in_line(*lines), facts, Settings(), tools)
    assert "with [NAME] and [NAME] when" in str(made) and "Hill" not in str(made) and "Vreni" not in str(made)


def test_a_crisis_leaves_the_guides_reply_and_none_of_the_voices(tools):
    lines = [*INTERVIEW[:4], ("S1", "There is DANGER now, I carry food?"), INTERVIEW[5]]
    (row,) = build_file(in_line(*lines), FACTS, Settings(), tools)["rows"]
    assert row["messages"][-1]["content"] == tools.gate.reply("suicide")
    assert INTERVIEW[5][1] not in str(row) and tools.gate.reply("suicide") not in row["own"]


def test_every_refusal_is_counted_with_its_reason(tools):
    lines = [*INTERVIEW[:5], ("S2", INTERVIEW[5][1] + " And PILLS.")]
    made = build_file(in_line(*lines), FACTS, Settings(), tools)
    assert made["rows"] == [] and made["counts"]["refused: rule: medication_advice"] == 1


def test_a_speaker_who_is_not_there_is_counted(tools):
    made = build_file(in_line(*INTERVIEW), FACTS, Settings(voice="S7"), tools)
    assert made["rows"] == [] and sum("left out" in name for name in made["counts"]) == 1


def test_the_source_says_whether_it_is_a_talk_or_an_interview(tools):
    monologue = build_file(in_line(*INTERVIEW), FACTS | {"speakers": "monologue"}, Settings(), tools)
    assert monologue["counts"]["talks"] == 1 and "interviews" not in monologue["counts"]
    unheard = [replace(one, speaker=None) for one in in_line(*INTERVIEW)]
    made = build_file(unheard, FACTS | {"speakers": "interview"}, Settings(), tools)
    assert made["rows"] == [] and any("--diarize" in name for name in made["counts"])
    assert any("nobody looked" in name for name in build_file(unheard, FACTS, Settings(), tools)["counts"])


@pytest.fixture
def folder(tmp_path):
    names = ("a.wav", "b.wav", "c.wav")
    facts = ({"consent": CONSENT}, {}, {"consent": CONSENT | {"withdrawn": "2026-01-03"}})
    files = {name: (in_line(*INTERVIEW, file=name), one) for name, one in zip(names, facts, strict=True)}
    return transcription(tmp_path / "voice", files)


def test_a_file_whose_consent_was_withdrawn_gives_nothing(folder, tools):
    made = {facts["file"]: result for facts, result in make(folder, Settings(), tools)}
    assert len(made["a.wav"]["rows"]) == len(made["b.wav"]["rows"]) == 1 and made["c.wav"]["rows"] == []


def test_a_killed_run_loses_one_file_and_gives_the_same(folder, tools, monkeypatch):
    honest, built = build_file, []

    def dies(segments, facts, *rest):
        built.append(facts["file"])
        if built == ["a.wav", "b.wav"]:
            raise KeyboardInterrupt
        return honest(segments, facts, *rest)

    monkeypatch.setattr(making, "build_file", dies)
    with pytest.raises(KeyboardInterrupt):
        list(make(folder, Settings(), tools))
    again = list(make(folder, Settings(), tools))
    assert built == ["a.wav", "b.wav", "b.wav"]
    for file in (folder / "conversations.cache").iterdir():
        file.unlink()
    assert list(make(folder, Settings(), tools)) == again


def test_other_settings_and_a_damaged_cache_are_made_anew(folder, tools, monkeypatch):
    built = []
    honest = build_file
    monkeypatch.setattr(making, "build_file", lambda s, f, *rest: built.append(f["file"]) or honest(s, f, *rest))
    list(make(folder, Settings(), tools))
    list(make(folder, Settings(most_turns=2), tools))
    assert built == ["a.wav", "b.wav"] * 2
    next(iter((folder / "conversations.cache").iterdir())).write_text('{"made_from": ')
    list(make(folder, Settings(most_turns=2), tools))
    assert len(built) == 5


def test_a_stretch_in_which_something_left_out_names_somebody_has_no_sound(tmp_path, tools):
    files = {name: (in_line(*INTERVIEW, file=name), {"consent": CONSENT}) for name in ("a.wav", "b.wav")}
    folder = transcription(tmp_path, files)
    assert [made["rows"][0]["clear"] for _, made in make(folder, Settings(), tools)] == [True, True]
    end = files["b.wav"][0][-1].end
    dropped = [said("Ask Dr. Huber.", 1.0, 2.0, file="a.wav"), said("Ask Dr. Huber.", end + 1, file="b.wav")]
    lines = "".join(json.dumps(one.as_row()) + "\n" for one in dropped)
    for name in ("dropped.jsonl", "dropped_by_quality.jsonl"):
        (folder / name).write_text(lines)
        assert [made["rows"][0]["clear"] for _, made in make(folder, Settings(), tools)] == [False, True]
        (folder / name).unlink()


def test_what_was_kept_of_a_withdrawn_file_is_deleted(tmp_path, tools):
    given = {"a.wav": (in_line(*INTERVIEW), {"consent": CONSENT})}
    list(make(transcription(tmp_path, given), Settings(), tools))
    assert len(list((tmp_path / "conversations.cache").iterdir())) == 1
    given["a.wav"][1]["consent"] = CONSENT | {"withdrawn": "2026-01-03"}
    ((_, made),) = make(transcription(tmp_path, given), Settings(), tools)
    assert made["rows"] == [] and list((tmp_path / "conversations.cache").iterdir()) == []


def test_the_consent_of_a_recording_that_broke_off_counts(tmp_path, tools):
    broken = {"state": "quarantined", "segments": 6, "consent": CONSENT | {"withdrawn": "2026-01-03"}}
    folder = transcription(tmp_path, {"a.wav": (in_line(*INTERVIEW), broken)})
    assert [row["file"] for row in read_files(folder)] == ["a.wav"]
    ((facts, made),) = make(folder, Settings(), tools)
    assert facts["consent"] and made["rows"] == []


@pytest.mark.parametrize(
    ("line", "says"),
    [('{"file": "a.wav"}', "row 1.*without start"), ("nonsense", "row 1.*is not JSON")],
)
def test_a_damaged_line_is_named(folder, tools, line, says):
    (folder / "segments.jsonl").write_text(line + "\n")
    with pytest.raises(ConversationError, match=says):
        list(make(folder, Settings(), tools))


def test_a_folder_that_no_transcription_wrote_is_named(tmp_path, tools):
    with pytest.raises(ConversationError, match="files.jsonl.*transcribe"):
        list(make(tmp_path, Settings(), tools))
