import csv
import json

import numpy as np
import pytest

from pixel.voice.personality.marker_reference import (
    meeting_speakers,
    session_speakers,
    tables_of,
    write,
    write_transcribed,
)
from pixel.voice.personality.marker_reliability import Speaker


def test_meetings_give_one_speaker_a_channel_and_are_drawn_by_group(tmp_path):
    (tmp_path / "ami").mkdir()
    for name in ("ES9001a.A", "ES9001a.B", "ES9001b.A"):
        (tmp_path / "ami" / f"{name}.transcript.txt").write_text(f"I am {name}.")
    found = meeting_speakers(tmp_path)
    assert [(one.place, one.group) for one in found] == [
        ("ES9001a", "ES9001"), ("ES9001a", "ES9001"), ("ES9001b", "ES9001"),
    ]  # fmt: skip


def test_sessions_count_an_utterance_once_whoever_annotated_it(tmp_path):
    (tmp_path / "annomi").mkdir()
    columns = ("transcript_id", "utterance_id", "interlocutor", "utterance_text", "video_url", "annotator_id")
    rows = [
        ("0", "10", "therapist", "And now?", "v1&t=3", "1"),
        ("0", "2", "therapist", "Hello.", "v1&t=3", "1"),
        ("0", "2", "therapist", "Hello.", "v1&t=3", "2"),
        ("0", "3", "client", "Hi.", "v1&t=3", "1"),
        ("1", "0", "therapist", "Good day.", "v1&t=9", "1"),
    ]
    with (tmp_path / "annomi" / "annomi-full.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([columns, *rows])
    found = session_speakers(tmp_path, "therapist")
    assert [(one.text, one.group) for one in found] == [("Hello. And now?", "v1"), ("Good day.", "v1")]


@pytest.mark.parametrize("load", [meeting_speakers, lambda root: session_speakers(root, "client")])
def test_missing_corpora_name_the_folder(tmp_path, load):
    with pytest.raises(FileNotFoundError, match="--data_root"):
        load(tmp_path)


def test_tables_hold_markers_and_indicators_and_can_be_written(tmp_path):
    generator = np.random.default_rng(0)
    small = "i we you the a of no because maybe one yeah always and it was gone".split()
    speakers = [
        Speaker(
            " ".join(
                " ".join(generator.choice(small, 8, p=weights)).capitalize() + "."
                for weights in [generator.dirichlet(np.ones(len(small)))] * 60
            ),
            f"m{number // 4}",
            f"g{number // 4}",
        )
        for number in range(32)
    ]
    table = tables_of(speakers, "planted", True, 10)
    rows = table["lengths"]["150"]
    assert rows["style.we_words"]["reliability"] > 0.8
    assert rows["traits.openness"]["reliability"] > 0.5 and rows["traits.openness"]["speakers"] == 32
    write({"planted": table}, tmp_path)
    assert json.loads((tmp_path / "markers_planted.json").read_text()) == table


def test_rows_of_transcripts_are_written_short(tmp_path):
    write_transcribed([{"marker": "style.hedges", "speakers": 9, "rho": 0.87654321}], "planted", tmp_path)
    found = json.loads((tmp_path / "markers_transcribed.json").read_text())
    assert found == {"about": "planted", "rows": [{"marker": "style.hedges", "speakers": 9, "rho": 0.877}]}
