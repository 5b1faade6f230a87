"""A run that is killed while it makes conversations goes on where it was, with the same dataset in the end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.voice.conversations.conftest import CONSENT, INTERVIEW, in_line, transcription

ROOT = Path(__file__).resolve().parents[3]
FILES = 6
RUN = """
import runpy, sys, time
import pixel.text.sentence_encoder
import pixel.voice.conversations.making as making
import pixel.voice.conversations.therapeutic as therapeutic
from tests.voice.conversations.conftest import CalmDetector, CalmRules, CountingEncoder

class CalmGate(therapeutic.TherapeuticGate):
    def __init__(self, region=None):
        super().__init__(CalmDetector(), CalmRules(), region)

therapeutic.TherapeuticGate = CalmGate
pixel.text.sentence_encoder.default_encoder = CountingEncoder
honest, pause = making.build_file, float(sys.argv.pop(1))

def build(segments, facts, *rest):
    print(facts["file"], flush=True)
    time.sleep(pause)
    return honest(segments, facts, *rest)

making.build_file = build
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""


@pytest.fixture
def start(tmp_path):
    """`start(pause, name)`: the recipe over the made folder into NAME, saying each recording that it builds."""
    files = {}
    for number in range(FILES):
        said = [(who, " ".join(f"{word}{number}" if len(word) > 5 else word for word in text.split()) + text[-1])
                for who, text in INTERVIEW]  # fmt: skip
        name = f"{number}.wav"
        files[name] = (in_line(*said, file=name), {"consent": CONSENT, "licence": "MIT"})
    transcription(tmp_path / "voice", files)
    script = tmp_path / "run.py"
    script.write_text(RUN)
    started = []

    def begin(pause, name):
        words = ["--input", "voice", "--output", name, "--writer", "none", "--fingerprint", "none"]
        started.append(
            subprocess.Popen(
                [sys.executable, str(script), str(pause), str(ROOT / "recipes" / "voice_conversations.py"), *words],
                env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def built(out):
    return [line for line in out.splitlines() if line.endswith(".wav")]


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_kill_loses_one_recording_at_most_and_the_dataset_is_the_same(start, tmp_path):
    first = start(0.3, "set")
    cache, deadline = tmp_path / "voice" / "conversations.cache", time.monotonic() + 60
    while len(list(cache.glob("*.json"))) < 2 and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    out, _ = first.communicate()
    assert first.returncode == -signal.SIGKILL and not (tmp_path / "set").exists()
    done = len(list(cache.glob("*.json")))
    assert 2 <= done < FILES
    out, said = start(0, "set").communicate()
    assert built(out) == [f"{number}.wav" for number in range(done, FILES)], said
    for file in cache.iterdir():
        file.unlink()
    out, _ = start(0, "unbroken").communicate()
    assert len(built(out)) == FILES
    one, other = contents(tmp_path / "set"), contents(tmp_path / "unbroken")
    readme = Path("README.md")
    assert one.pop(readme).replace(b"--output set", b"--output unbroken") == other.pop(readme)
    assert one == other and len(one) >= 2
