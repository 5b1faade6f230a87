import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from pixel.benchmarks.voice.cuts import RATE, joined, long_recording, utterances
from pixel.benchmarks.voice.kill_resume import kill_resume, recordings
from pixel.benchmarks.voice.throughput import _ratio, _recordings

pytest.importorskip("espeakng_loader")
soundfile = pytest.importorskip("soundfile")


@pytest.fixture(scope="module")
def spoken():
    return utterances(None)


def test_a_long_recording_is_as_long_as_asked_and_speaks_where_it_says(spoken, tmp_path):
    starts = long_recording(tmp_path / "long.flac", 0.05, spoken, every=50.0)
    samples, rate = soundfile.read(tmp_path / "long.flac")
    assert (len(samples), rate, starts) == (180 * RATE, RATE, [0.0, 50.0, 100.0, 150.0])
    for start in starts:
        said, pause = (samples[round((start + at) * RATE) :][:RATE] for at in (0.5, 25.0))
        assert said.std() > 20 * pause.std() > 0


def test_utterances_are_joined_with_pauses():
    one, two = np.ones(100, np.float32), np.full(50, 0.5, np.float32)
    pause = round(0.6 * RATE)
    samples = joined([one, two])
    assert len(samples) == 150 + 2 * pause and samples.sum() == 125 and not samples[100 : 100 + pause].any()


def test_recordings_of_the_throughput_are_long_enough_and_all_different(tmp_path, monkeypatch, spoken):
    from pixel.benchmarks.voice import throughput

    monkeypatch.setattr(throughput, "utterances", lambda data_root, seed: spoken)
    folder, seconds = _recordings(tmp_path / "made", None, minutes=4.0, files=2, seed=0)
    contents = [path.read_bytes() for path in sorted(folder.iterdir())]
    assert seconds >= 240 and len(contents) == 2 and contents[0] != contents[1]


def test_a_ratio_has_the_interval_of_its_logarithms():
    assert _ratio([2.0, 2.0, 2.0]) == "2.000 [2.000, 2.000]"
    # logs of +-0.1: standard error 0.1, Student's t with one degree of freedom 12.706
    low, high = np.exp(-1.2706), np.exp(1.2706)
    assert _ratio([np.exp(0.1), np.exp(-0.1)]) == f"1.000 [{low:.3f}, {high:.3f}]"


def test_the_recordings_of_the_killed_run_come_with_bad_ones(spoken, tmp_path):
    from pixel.voice.audio.decoding import AudioError, probe

    recordings(tmp_path, spoken, files=5, seed=0)
    good = [path for path in tmp_path.iterdir() if path.name[0].isdigit()]
    assert len(good) == 5 and all(probe(path).rate for path in good) and probe(tmp_path / "ending_is_wrong.mp3").rate
    for name in ("bad_text.wav", "bad_noise.mp3", "bad_empty.wav"):
        with pytest.raises(AudioError):
            probe(tmp_path / name)


@pytest.mark.slow
def test_a_killed_run_with_real_decoding_ends_like_an_unbroken_one(tmp_path, monkeypatch):
    script = tmp_path / "transcribe.py"
    script.write_text(
        textwrap.dedent("""
        import argparse, hashlib, time
        from dataclasses import replace
        from pathlib import Path
        from pixel.voice.pipeline.job import Job
        from pixel.voice.pipeline.run import transcribe
        from pixel.voice.pipeline.tools import real_tools
        from pixel.voice.segment import Segment
        from pixel.voice.transcription.settings import Settings
        from pixel.voice.transcription.transcriber import Heard

        class Digests:
            def window(self, file, samples, start, language=None):
                time.sleep(0.1)
                text = hashlib.sha256(samples.tobytes()).hexdigest()
                return Heard([Segment(file, start, start + 1.0, text)], [], "en", 1.0, 1.0)

        def make_tools(job, settings):
            return replace(real_tools(job, settings), transcriber=Digests)

        if __name__ == "__main__":
            parser = argparse.ArgumentParser()
            for name in ("input", "output", "workers", "window_seconds", "device"):
                parser.add_argument(f"--{name}")
            said = parser.parse_args()
            job = Job(Settings(device="cpu"), workers=2, window_seconds=float(said.window_seconds))
            transcribe(Path(said.input), Path(said.output), job, make_tools=make_tools)
        """)
    )
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    *kills, dataset = kill_resume(files=10, kills=4, recipe=(sys.executable, str(script)))
    assert dataset["same"] == "segments.jsonl, segments.parquet, dropped.jsonl, files.jsonl"
    assert all(row["kept"] for row in (*kills, dataset)) and sum(row["killed"] for row in kills) >= 3
    assert dataset["unbroken"] == dataset["killed_run"]
