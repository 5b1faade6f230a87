import json

import pytest

from pixel.data.errors import ConversationError
from pixel.voice.report.reading import read_folder


def test_all_files_of_a_transcription_are_read(folder):
    heard = read_folder(folder)
    assert (len(heard.files), len(heard.segments), len(heard.dropped)) == (3, 135, 1)
    assert len(heard.trained_on) == 132
    assert [why for _, why in heard.unselected] == [["snr_db below 10"]] * 3
    assert heard.summary["settings"]["model"] == "embedded:tiny.en"


def test_without_a_look_at_quality_everything_is_trained_on(folder):
    for name in ("selected", "dropped_by_quality"):
        (folder / f"{name}.jsonl").unlink()
    heard = read_folder(folder)
    assert heard.selected is None and heard.unselected == [] and len(heard.trained_on) == 135


@pytest.mark.parametrize("name", ["files.jsonl", "segments.jsonl"])
def test_a_missing_file_is_named_with_what_to_give(folder, name):
    (folder / name).unlink()
    with pytest.raises(ConversationError, match=rf"{name}.*recipes/transcribe\.py"):
        read_folder(folder)


def test_a_bad_line_is_named(folder):
    with (folder / "segments.jsonl").open("a") as out:
        out.write(json.dumps({"file": "x.wav", "start": 0}) + "\n")
    with pytest.raises(ConversationError, match=r"segments\.jsonl.*136.*without end, text"):
        read_folder(folder)


def test_a_broken_summary_is_named(folder):
    (folder / "summary.json").write_text("{")
    with pytest.raises(ConversationError, match=r"summary\.json"):
        read_folder(folder)
