import json

import numpy as np
import pytest

from pixel.voice.segment import Segment, Word

SAID = ("We waited until the evening came.", "My brother read the letter aloud.", "Nobody dared to open the door.")


def segment(place, text=SAID[0], snr=22.0, probability=0.95, seconds=3.0, file="talk.flac"):
    words = tuple(Word(f" {word}", 0, 0, probability) for word in text.split())
    return Segment(file, place * 5.0, place * 5.0 + seconds, text, words, mean_logprob=-0.2, quality={"snr_db": snr})


@pytest.fixture
def quality(recipe, tmp_path):
    """Runs the recipe on segments; returns what it kept and dropped."""
    module = recipe("voice_quality")

    def run(segments, *more):
        lines = [json.dumps(one.as_row()) + "\n" for one in segments]
        (tmp_path / "segments.jsonl").write_text("".join(lines))
        module.main(module.options(["--input", str(tmp_path), *map(str, more)]))
        names = ("selected", "dropped_by_quality")
        return [[json.loads(x) for x in (tmp_path / f"{name}.jsonl").read_text().splitlines()] for name in names]

    run.module, run.folder = module, tmp_path
    return run


def test_good_segments_are_kept_and_the_others_say_why(quality, capsys):
    kept, dropped = quality([segment(0), segment(1, snr=3.0), segment(2, probability=0.1)])
    assert [row["start"] for row in kept] == [0.0]
    assert dropped[0]["reasons"] == ["snr_db below 10"]
    assert "word_probability below 0.6" in dropped[1]["reasons"]
    table = (quality.folder / "quality.md").read_text()
    assert table in capsys.readouterr().out and "| snr_db below 10 | 1 |" in table


def test_own_thresholds_change_what_they_name(quality, tmp_path):
    (tmp_path / "my.yaml").write_text("snr_db: {least: 30}")
    kept, dropped = quality([segment(0), segment(1, snr=35.0)], "--thresholds", tmp_path / "my.yaml")
    assert [row["start"] for row in kept] == [5.0] and dropped[0]["reasons"] == ["snr_db below 30"]


def test_the_same_choice_twice_is_the_same_bytes_and_the_input_stays(quality):
    segments = [segment(0), segment(1, snr=3.0)]
    quality(segments)
    first = {file.name: file.read_bytes() for file in quality.folder.iterdir()}
    quality(segments)
    assert {file.name: file.read_bytes() for file in quality.folder.iterdir()} == first


def test_a_budget_keeps_what_fits(quality, monkeypatch):
    class Encoder:
        def encode(self, texts, progress=False):
            return np.eye(8, dtype=np.float32)[[SAID.index(text) for text in texts]]

    monkeypatch.setattr("pixel.text.sentence_encoder.default_encoder", Encoder)
    segments = [segment(0), segment(1), segment(2), segment(3, SAID[1]), segment(4, SAID[2])]
    kept, dropped = quality(segments, "--hours", 9.1 / 3600)
    assert sorted(row["text"] for row in kept) == sorted(SAID)
    assert {tuple(row["reasons"]) for row in dropped} == {("over the budget of 0.00252778 hours",)}


def test_a_talk_that_is_there_twice_is_kept_once(quality):
    draw = np.random.default_rng(0)
    texts = [" ".join(f"word{number}" for number in draw.integers(0, 400, 8)) for _ in range(12)]
    whole = [segment(place, text, file="a.mp3") for place, text in enumerate(texts)]
    part = [segment(place, text, file="b.mp3") for place, text in enumerate(texts[:8])]
    kept, dropped = quality(whole + part)
    assert {row["file"] for row in kept} == {"a.mp3"} and {row["reasons"][0] for row in dropped} == {
        "same talk as a.mp3"
    }
    kept, _ = quality(whole + part, "--keep_duplicates")
    assert {row["file"] for row in kept} == {"a.mp3", "b.mp3"}


def test_sound_is_measured_anew(quality, speech_file):
    kept, dropped = quality([segment(0, snr=1.0)], "--audio", speech_file.parent)
    assert kept[0]["quality"]["snr_db"] > 5 and kept[0]["quality"]["loudness_lufs"] < 0 and not dropped


@pytest.fixture
def speech_file(tmp_path):
    """A machine's voice in a file of its own folder."""
    soundfile = pytest.importorskip("soundfile")
    from pixel.benchmarks.synthetic_speech import RATE, speak

    (tmp_path / "audio").mkdir()
    soundfile.write(tmp_path / "audio" / "talk.flac", speak(" ".join(SAID)), RATE)
    return tmp_path / "audio" / "talk.flac"


def test_what_comes_before_a_break_in_a_recording_is_measured(quality, speech_file, monkeypatch, capsys):
    from pixel.voice.audio import decoding
    from pixel.voice.audio.errors import AudioError

    whole = decoding.windows

    def broken(path):
        yield from whole(path)
        raise AudioError(f"{path}: broken off at 9 s. Mend: leave it out")

    monkeypatch.setattr(decoding, "windows", broken)
    kept, _ = quality([segment(0, snr=1.0)], "--audio", speech_file.parent)
    assert kept[0]["quality"]["loudness_lufs"] < 0 and "broken off at 9 s" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "words"),
    [(["--audio", "nowhere"], ["talk.flac", "Mend"]), (["--thresholds", "nowhere.yaml"], ["nowhere.yaml", "Mend"])],
)
def test_what_is_not_there_is_named(quality, more, words):
    from pixel.data.errors import ConversationError

    with pytest.raises(ConversationError) as error:
        quality([segment(0)], *more)
    assert all(word in str(error.value) for word in words)


def test_a_broken_line_is_named(quality):
    from pixel.data.errors import ConversationError

    (quality.folder / "segments.jsonl").write_text(json.dumps(segment(0).as_row()) + '\n{"file": "a"}\n')
    with pytest.raises(ConversationError, match="row 2.*start"):
        quality.module.main(quality.module.options(["--input", str(quality.folder)]))
