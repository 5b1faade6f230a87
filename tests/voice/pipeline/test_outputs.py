import json

import pytest

from pixel.voice.pipeline.manifest import Manifest
from pixel.voice.pipeline.outputs import write_outputs
from pixel.voice.segment import Segment
from tests.voice.pipeline.conftest import rows


@pytest.fixture
def manifest(tmp_path):
    """One recording `talk.wav`; `manifest.add(number, texts, ...)` gives it a window of 10 s."""
    made = Manifest(tmp_path / "manifest.sqlite")
    made.set_files([("talk.wav", 1, 1, None, json.dumps({"title": "\ud83d half a smile"}))])
    made.looked("talk.wav", "abc", 1, 30.0, None)

    def add(number, texts=(), language="en", probability=0.9, speech=5.0, quality=None):
        kept = [
            Segment("old name.wav", number * 10.0 + i, number * 10.0 + i + 1, text) for i, text in enumerate(texts)
        ]
        kept = json.dumps([segment.as_row() for segment in kept])
        made.heard(
            "abc", (number, number * 10.0, 10.0, kept, "[]", language, probability, speech, json.dumps(quality or {}))
        )

    made.add = add
    yield made
    made.close()


def test_a_recordings_language_is_that_of_most_of_its_speech(manifest, tmp_path):
    manifest.add(0, language="de", probability=0.6, speech=1.0)
    manifest.add(1, language="en", probability=0.9, speech=6.0)
    manifest.add(2, language="en", probability=0.5, speech=2.0)
    write_outputs(manifest, tmp_path, {})
    row = rows(tmp_path, "files")[0]
    assert (row["language"], row["language_probability"], row["speech_seconds"]) == ("en", 0.8, 9.0)  # (5.4 + 1) / 8


def test_measurements_are_the_mean_over_speech_and_what_nobody_could_measure_is_null(manifest, tmp_path):
    manifest.add(0, speech=1.0, quality={"snr_db": 10.0, "bandwidth_hz": None})
    manifest.add(1, speech=3.0, quality={"snr_db": 30.0, "bandwidth_hz": None})
    manifest.add(2, speech=0.0, quality={})
    write_outputs(manifest, tmp_path, {})
    assert rows(tmp_path, "files")[0]["quality"] == {"bandwidth_hz": None, "snr_db": 25.0}


def test_segments_carry_the_name_the_recording_has_now(manifest, tmp_path):
    manifest.add(1, ["later"])
    manifest.add(0, ["first", "second"])
    write_outputs(manifest, tmp_path, {})
    assert [(row["id"], row["file"], row["text"]) for row in rows(tmp_path)] == [
        ("talk.wav#000000000", "talk.wav", "first"),
        ("talk.wav#000001000", "talk.wav", "second"),
        ("talk.wav#000010000", "talk.wav", "later"),
    ]


def test_a_broken_character_in_a_title_does_not_break_the_file(manifest, tmp_path):
    write_outputs(manifest, tmp_path, {})
    assert rows(tmp_path, "files")[0]["title"] == "\ud83d half a smile"


def test_where_nobody_spoke_there_is_no_language(manifest, tmp_path):
    manifest.add(0, speech=0.0)
    write_outputs(manifest, tmp_path, {})
    row = rows(tmp_path, "files")[0]
    assert row["language"] is None and row["language_probability"] is None and row["seconds"] == 10.0


def test_an_older_dataset_stays_whole_when_writing_fails(manifest, tmp_path):
    manifest.add(0, ["first"])
    write_outputs(manifest, tmp_path, {})
    before = (tmp_path / "segments.jsonl").read_bytes()
    manifest.database.execute("UPDATE windows SET dropped = 'not JSON'")
    with pytest.raises(json.JSONDecodeError):
        write_outputs(manifest, tmp_path, {})
    assert (tmp_path / "segments.jsonl").read_bytes() == before
