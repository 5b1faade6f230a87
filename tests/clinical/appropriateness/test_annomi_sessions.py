"""AnnoMI's rows as sessions: one message an utterance, behaviours by the annotators' majority."""

import csv

import pytest

from pixel.clinical.appropriateness.annomi_sessions import read_sessions
from pixel.clinical.appropriateness.behaviours import BEHAVIOURS, MAIN, TALK

ROW = {
    "mi_quality": "high", "transcript_id": "7", "video_url": "https://example.org/v?id=1&t=30", "topic": "sleep",
    "utterance_id": "0", "interlocutor": "therapist", "utterance_text": "What would help?",
    "main_therapist_behaviour": "question", "client_talk_type": "n/a", "question_subtype": "open",
    "reflection_subtype": "", "therapist_input_subtype": "",
    "question_exists": "True", "reflection_exists": "False", "therapist_input_exists": "False",
}  # fmt: skip


@pytest.fixture
def root(tmp_path):
    rows = [
        ROW, ROW, ROW | {"question_subtype": "closed"},  # two of three annotators heard an open question
        ROW | {"utterance_id": "1", "interlocutor": "client", "utterance_text": "Going to bed earlier.",
               "client_talk_type": "change"},
    ]  # fmt: skip
    (tmp_path / "annomi").mkdir()
    with (tmp_path / "annomi" / "annomi-full.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(ROW))
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


def test_annotators_rows_become_one_turn_with_their_majority(root):
    (session,) = read_sessions(root)
    assert session.id == "7" and session.high and session.video == "https://example.org/v?id=1"
    assert [message["role"] for message in session.messages] == ["assistant", "user"]
    (acts,), (talk,) = session.acts, session.talk
    assert len(acts) == len(BEHAVIOURS) + len(MAIN) and len(talk) == len(TALK)
    said = {name for name, present in zip((*BEHAVIOURS, *MAIN), acts, strict=True) if present}
    assert said == {"open_question", "question"}
    assert [name for name, present in zip(TALK, talk, strict=True) if present] == ["change"]


def test_a_missing_corpus_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="annomi-full.csv.*Mend"):
        read_sessions(tmp_path)
