"""A folder of recordings that a fake reads, and `hear`, which runs the pipeline over it."""

import json

import pytest

from pixel.voice.pipeline.job import Job
from pixel.voice.pipeline.run import transcribe
from pixel.voice.transcription.settings import Settings
from tests.voice.pipeline import fakes

NAMES = ("segments.jsonl", "segments.parquet", "dropped.jsonl", "files.jsonl")


@pytest.fixture
def folder(tmp_path):
    """Three recordings of one to three windows."""
    source = tmp_path / "recordings"
    (source / "b").mkdir(parents=True)
    (source / "a.wav").write_text("one two three\nfour five\n")
    (source / "b" / "long.mp3").write_text("six\nseven eight\nnine ten\n")
    (source / "c.flac").write_text("eleven twelve\n")
    return source


@pytest.fixture
def log(tmp_path, monkeypatch):
    """`log()`: what was heard since it was asked last, as `(file, start, language, pid, threads)`."""
    file = tmp_path / "log.txt"
    monkeypatch.setenv(fakes.LOG, str(file))

    def read():
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [tuple(line.split("|")) for line in lines]

    return read


@pytest.fixture
def hear(tmp_path):
    """`hear(source, output=..., **choices)`: runs; what was said to the reader is in `hear.said`."""

    def run(source, output=None, make_tools=fakes.make_tools, **choices):
        run.said = []
        how = {name: choices.pop(name) for name in list(choices) if name in Job.__dataclass_fields__}
        job = Job(Settings(device="cpu", beam_size=choices.pop("beam_size", 5)), **{"workers": 1} | how)
        return transcribe(
            source, output or tmp_path / "out", job, make_tools=make_tools, say=run.said.append, **choices
        )

    return run


def rows(output, name="segments"):
    return [json.loads(line) for line in (output / f"{name}.jsonl").read_text().splitlines()]


def dataset(output):
    """The bytes that must be the same in every run."""
    return {name: (output / name).read_bytes() for name in NAMES}
