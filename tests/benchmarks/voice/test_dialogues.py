"""What dialogues rest on, measured on made ones."""

import json

import numpy as np
import pytest

from pixel.benchmarks.voice.dialogues import dialogue_flow, esconv, p_k, who_asks
from tests.voice.conversations.conftest import CountingEncoder


def test_p_k_counts_the_places_where_two_sentences_are_wrongly_told_apart():
    # 8 sentences, one true cut before 4, distance 2: pairs (0,2) .. (5,7); only (2,4) and (3,5) lie across the cut
    assert p_k({4}, {4}, 8) == 0.0
    assert p_k({4}, set(), 8) == pytest.approx(2 / 6)
    assert p_k({4}, {2}, 8) == pytest.approx(4 / 6)


@pytest.fixture
def data(tmp_path):
    header = (
        "transcript_id,utterance_id,video_url,mi_quality,topic,interlocutor,utterance_text,main_therapist_behaviour,"
    )
    header += "client_talk_type,question_exists,question_subtype,reflection_exists,reflection_subtype,"
    header += "therapist_input_exists,therapist_input_subtype"
    lines = [header]
    for session in range(24):
        for n in range(9):
            who, text = (("therapist", f"Why topic{session} part{n // 2}?"),
                         ("client", f"Because topic{session} part{n // 2} matters to me so much."))[n % 2]  # fmt: skip
            lines.append(f"{session},{n},v{session},high,x,{who},{text},question,neutral,False,,False,,False,")
    (tmp_path / "annomi").mkdir()
    (tmp_path / "annomi/annomi-full.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "esconv").mkdir()
    with (tmp_path / "esconv/dialogues.jsonl").open("w") as out:
        for number in range(24):
            said = [{"speaker": ("usr", "sys")[n % 2], "text": f"topic{number} word{n // 2}"} for n in range(9)]
            out.write(json.dumps({"dialog": [{"speaker": "sys", "text": "Hello."}, *said]}) + "\n")
    return tmp_path


def test_windows_begin_with_a_user_and_have_eight_messages(data):
    windows = esconv(data)
    assert len(windows) == 24 and all(len(one) == 8 and one[0]["role"] == "user" for _, one in windows)


def test_therapists_who_ask_are_found(data):
    row = who_asks(data)[0]
    assert row["n"] == 24 and row["mean"] == 1.0


def test_replies_of_other_dialogues_are_told_apart(data):
    rows = {row["what"]: row for row in dialogue_flow(data, CountingEncoder(), resamples=20)}
    assert rows["ESConv: replies of other dialogues"]["AUC"] == 1.0
    assert all(0.0 <= row["AUC"] <= 1.0 and np.isfinite(row["AUC"]) for row in rows.values())
