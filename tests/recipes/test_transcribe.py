import json
import os
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SENTENCE = "The quick brown fox jumps over the lazy dog."


def write(path, samples, rate=16_000):
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


@pytest.fixture(scope="session")
def recordings(tmp_path_factory):
    """Spoken sentences beside everything that is no recording."""
    from pixel.benchmarks.synthetic_speech import speak

    folder = tmp_path_factory.mktemp("recordings")
    fox = speak(SENTENCE)
    write(folder / "fox.wav", fox)
    write(folder / "wrong_ending.mp3", speak("Good morning, how are you today?"))
    write(folder / "zero_seconds.wav", fox[:0])
    (folder / "text.wav").write_text("this is a text\n" * 50)
    (folder / "cut.wav").write_bytes((folder / "fox.wav").read_bytes()[:30])
    (folder / "garbage.flac").write_bytes(np.random.default_rng(0).bytes(5000))
    (folder / "empty.wav").touch()
    (folder / "notes.txt").write_text("no recording at all")
    (folder / "copy.wav").write_bytes((folder / "fox.wav").read_bytes())
    return folder


@pytest.fixture(scope="session")
def transcribed(recordings, tmp_path_factory):
    """What the command line makes of them with the model that pip carries: `(output, stdout)`."""
    pytest.importorskip("faster_whisper")
    output = tmp_path_factory.mktemp("voice")
    done = subprocess.run(command("--input", recordings, "--output", output), capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return output, done


def command(*arguments):
    return [sys.executable, "recipes/transcribe.py", *map(str, arguments), "--device", "cpu", "--offline"]


def rows(output, name):
    return [json.loads(line) for line in (output / f"{name}.jsonl").read_text().splitlines()]


def test_real_whisper_hears_what_was_said_and_when(transcribed):
    heard = {row["file"]: row for row in rows(transcribed[0], "segments")}
    fox = heard["copy.wav"]  # the first of two that hold the same bytes
    words = fox["text"].lower().strip(".").split()
    assert len(set(words) & set(SENTENCE.lower().strip(".").split())) >= 6
    assert 0 <= fox["start"] < fox["end"] <= 4 and len(fox["words"]) == len(words)
    assert "morning" in heard["wrong_ending.mp3"]["text"].lower()
    assert set(heard) == {"copy.wav", "wrong_ending.mp3"}
    confidences = ("word_probability", "language_probability", "no_speech")
    assert all(0 <= row[name] <= 1 for row in heard.values() for name in confidences)
    assert all(row["mean_logprob"] <= 0 for row in heard.values())


def test_bad_files_are_quarantined_with_their_reasons_and_the_rest_is_done(transcribed):
    files = {row["file"]: row for row in rows(transcribed[0], "files")}
    bad = {"zero_seconds.wav", "text.wav", "cut.wav", "garbage.flac", "empty.wav"}
    assert {name for name, row in files.items() if row["state"] == "quarantined"} == bad
    assert all(files[name]["reason"] and "\n" not in files[name]["reason"] for name in bad)
    assert files["fox.wav"]["same_as"] == "copy.wav" and "notes.txt" not in files


def test_the_summary_names_what_could_not_be_used_and_no_progress_is_shown_without_a_terminal(transcribed):
    output, done = transcribed
    table = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    assert {line.split(" | ")[0].strip("| ") for line in table[2:]} == {
        "zero_seconds.wav", "text.wav", "cut.wav", "garbage.flac", "empty.wav",
    }  # fmt: skip
    assert "3 of 8 recordings done, 5 quarantined" in done.stdout
    assert "real time, " not in done.stderr and "Traceback" not in done.stderr
    assert json.loads((output / "summary.json").read_text())["settings"]["model"] == "embedded:tiny.en"


def test_nothing_that_was_said_is_printed(transcribed):
    told = transcribed[1].stdout + transcribed[1].stderr
    assert "fox" not in told.replace("fox.wav", "").lower() and "morning" not in told.lower()


def test_the_same_command_again_hears_nothing_again(transcribed, recordings):
    output, _ = transcribed
    before = (output / "segments.jsonl").read_bytes()
    again = subprocess.run(
        command("--input", recordings, "--output", output), capture_output=True, text=True, cwd=ROOT
    )
    assert again.returncode == 0 and "0 recordings are left" in again.stdout
    assert (output / "segments.jsonl").read_bytes() == before


def test_an_interrupted_run_says_in_one_line_how_to_go_on(recordings, tmp_path):
    pytest.importorskip("faster_whisper")
    run = subprocess.Popen(
        command("--input", recordings, "--output", tmp_path), text=True, cwd=ROOT, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    while not (tmp_path / "manifest.sqlite").exists() and run.poll() is None:
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGTERM)
    _, said = run.communicate(timeout=30)
    assert run.returncode == 130 and said.strip() == "Stopped. The same command goes on from here."


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--input", "no/such/folder"], "no/such/folder: no such folder or file"),
        (["--input", ".", "--shard", "9/8"], "'9/8' is no shard"),
        (["--input", ".", "--beam_size", "0"], "beam_size is 0"),
        (["--input", ".", "--workers", "0"], "workers is 0"),
        (["--merge"], "no shards here"),
        (["--input", "no_such.yaml"], "no_such.yaml"),
    ],
)
def test_a_mistake_is_one_line_with_its_mend(tmp_path, arguments, says):
    done = subprocess.run(command("--output", tmp_path, *arguments), capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 1
    assert says in done.stderr and "Mend:" in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_an_output_that_is_a_file_is_one_line_with_its_mend(tmp_path):
    (tmp_path / "taken").touch()
    for output in (tmp_path / "taken", tmp_path / "taken" / "below"):
        done = subprocess.run(
            command("--input", tmp_path, "--output", output), capture_output=True, text=True, cwd=ROOT
        )
        assert done.returncode == 1
        assert done.stderr == f"error: {output}: a file is in its place. Mend: name another --output\n"


def test_playlists_are_fetched_first_and_shards_take_what_is_there(recipe, tmp_path, monkeypatch, capsys):
    from types import SimpleNamespace

    from pixel.voice.sources import downloads, playlists
    from pixel.voice.sources.report import DownloadReport, Item

    module, fetched = recipe("transcribe"), []

    def download(wanted, folder, settings, say):
        folder.mkdir(parents=True)
        fetched.append(folder)
        return DownloadReport(fetched=[Item("slot", "talk", "slot/talk.m4a")])

    monkeypatch.setattr(downloads, "download", download)
    monkeypatch.setattr(playlists, "load_sources", lambda file: SimpleNamespace(playlists=[], settings=None))
    arguments = ["--input", "list.yaml", "--output", str(tmp_path)]
    with pytest.raises(FileNotFoundError, match="--download_only"):
        module.main(module.options([*arguments, "--shard", "1/2"]))
    assert module.main(module.options([*arguments, "--download_only"])) == 0
    assert fetched == [tmp_path / "recordings"] and "fetched 1" in capsys.readouterr().out
    assert module.fetch(Path("list.yaml"), tmp_path / "recordings", fetched=True) == tmp_path / "recordings"


def test_help_comes_at_once_and_shows_how_to_spread_the_work():
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "recipes/transcribe.py", "--help"], capture_output=True, text=True, cwd=ROOT
    )
    assert "--shard $SLURM_ARRAY_TASK_ID/8" in done.stdout and time.monotonic() - started < 5
