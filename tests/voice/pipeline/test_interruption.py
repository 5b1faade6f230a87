import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from pixel.voice.pipeline.lock import Busy, only_run
from tests.voice.pipeline.conftest import dataset

ROOT = Path(__file__).resolve().parents[3]
RUN = """
import signal, sys
from pathlib import Path
from pixel.voice.pipeline.job import Job
from pixel.voice.pipeline.run import transcribe
from pixel.voice.transcription.settings import Settings
from tests.voice.pipeline.fakes import make_tools
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job starts with it ignored
    transcribe(Path(sys.argv[1]), Path(sys.argv[2]), Job(Settings(device="cpu"), workers=2), make_tools=make_tools)
"""


@pytest.fixture
def start(tmp_path):
    """`start(source, output)`: a run in a process group of its own."""
    script = tmp_path / "run.py"
    script.write_text(RUN)
    started = []

    def begin(source, output):
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        started.append(
            subprocess.Popen(
                [sys.executable, str(script), str(source), str(output)], env=environment, start_new_session=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
        return started[-1]

    yield begin
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def slow(folder):
    for number in range(6):
        (folder / f"slow{number}.wav").write_text(f"!slow number {number}\n!slow and more of {number}\n")
    return folder


def wait_for(log, windows, process):
    """Until so many windows were begun, or the run ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if log.exists() and len(log.read_text().splitlines()) >= windows:
            return
        time.sleep(0.02)


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bytes(slow, hear, start, tmp_path, log):
    hear(slow, output=tmp_path / "whole")
    log()
    file, draw = tmp_path / "log.txt", random.Random(0)
    for _ in range(2):
        process = start(slow, tmp_path / "broken")
        wait_for(file, draw.randint(2, 5), process)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        file.unlink(missing_ok=True)
    process = start(slow, tmp_path / "broken")
    assert process.wait(60) == 0
    assert dataset(tmp_path / "broken") == dataset(tmp_path / "whole")
    assert "Going on" in process.stdout.read()
    assert len(log()) < 18  # windows in all: finished ones were not heard again


def test_workers_end_with_their_parent(slow, start, tmp_path, log):
    process = start(slow, tmp_path / "out")
    wait_for(tmp_path / "log.txt", 2, process)
    process.kill()  # it alone, not its group
    process.wait()
    workers = {int(line[3]) for line in log()}
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert workers and not any(alive(pid) for pid in workers)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def held(folder, tmp_path):
    """Recordings of which each has a window that is heard at once and one that waits for the file `gate`."""
    for number in range(6):
        (folder / f"held{number}.wav").write_text(f"at once {number}\n!hold {tmp_path / 'gate'}\n")
    return folder


def committed(output):
    """Windows in the manifest."""
    try:
        with closing(sqlite3.connect(f"file:{output / 'manifest.sqlite'}?mode=ro", uri=True)) as manifest:
            return manifest.execute("SELECT count(*) FROM windows").fetchone()[0]
    except sqlite3.OperationalError:  # not made yet
        return 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_whole_group_ends_the_run_and_blames_no_recording(held, hear, start, tmp_path, log, number):
    process = start(held, tmp_path / "out")
    deadline = time.monotonic() + 60
    while committed(tmp_path / "out") < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, number)
    assert "KeyboardInterrupt" in process.communicate(timeout=30)[1]  # the recipe says it in one line
    assert not (tmp_path / "out" / "files.jsonl").exists()
    log()
    (tmp_path / "gate").touch()
    assert hear(held)["quarantined"] == 0
    again = [line[:2] for line in log()]
    assert len([one for one in again if one[0].startswith("held")]) <= 12 - 2


def test_a_second_run_in_the_same_folder_is_refused_and_the_lock_dies_with_the_first(slow, hear, start, tmp_path, log):
    process = start(slow, tmp_path / "out")
    wait_for(tmp_path / "log.txt", 1, process)
    with pytest.raises(Busy, match="another run is at work here. Mend: wait for it"):
        hear(slow)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert hear(slow)["done"] == 9


def test_the_lock_is_free_again_afterwards(tmp_path):
    with only_run(tmp_path):
        pass
    with only_run(tmp_path), pytest.raises(Busy), only_run(tmp_path):
        pass
