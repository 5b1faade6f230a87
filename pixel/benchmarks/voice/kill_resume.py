"""A transcription that is killed again and again beside an unbroken one; and a recording of three hours."""

import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from pixel.benchmarks.voice.cuts import joined, long_recording, utterances, write

RECIPE = (sys.executable, str(Path(__file__).parents[3] / "recipes" / "transcribe.py"))
DATASET = ("segments.jsonl", "segments.parquet", "dropped.jsonl", "files.jsonl")
ENDINGS = (".flac", ".wav", ".ogg", ".mp3")


def kill_resume(
    data_root: str | Path | None = None,
    files: int = 40,
    kills: int = 10,
    seed: int = 0,
    options: Sequence[str] = ("--workers", "2", "--window_seconds", "40", "--device", "cpu"),
    recipe: Sequence[str] = RECIPE,
) -> list[dict[str, Any]]:
    """
    SIGKILL to the whole process group at random moments, each time the same command again.

    The moments: the first while models load, the last while the dataset is written, the others after so many windows
    as are drawn, and up to half a second. Beside the recordings lie files that cannot be used.

    Args:
        data_root: for real speech; none for a machine's.
        files: recordings; every fifth is of several windows.
        kills: moments.
        options: of `recipes/transcribe.py`.

    Returns:
        a row a kill: `windows` finished by then, `heard_s` and `kept`: whether all windows that were finished at the
        kill before are still there; then a row `dataset` whose `same` names the files that are equal to the unbroken
        run's, byte by byte, with the counts of both.
    """
    with tempfile.TemporaryDirectory() as scratch:
        source, whole, broken = (Path(scratch) / name for name in ("recordings", "whole", "broken"))
        recordings(source, utterances(data_root, seed), files, seed)
        command = [*recipe, "--input", str(source), *options, "--output"]
        _run([*command, str(whole)])
        total, draw = _windows(whole), random.Random(seed)
        targets = sorted([0, total, *(draw.randint(1, total - 1) for _ in range(kills - 2))])
        rows, before = [], set()
        for number, target in enumerate(tqdm(targets, desc="Kills"), 1):
            delay = draw.uniform(0.0, 0.1 if target == total else 0.5)
            ended = _run([*command, str(broken)], broken, target, delay)
            there = _finished(broken)
            rows.append(
                {"kill": number, "windows": len(there), "of": total, "kept": before <= there, "killed": not ended}
            )
            before = there
        _run([*command, str(broken)])
        same = [name for name in DATASET if _digest(whole / name) == _digest(broken / name)]
        counts = [_counts(folder) for folder in (whole, broken)]
        last = {"kill": "dataset", "windows": _windows(broken), "of": total, "kept": before <= _finished(broken)}
        return [*rows, last | {"same": ", ".join(same), "unbroken": counts[0], "killed_run": counts[1]}]


def recordings(folder: Path, spoken: list[np.ndarray], files: int, seed: int) -> None:
    """So many recordings in four formats, and eight files that cannot be used or need care."""
    draw = np.random.default_rng(seed)
    for number in range(files):
        pieces = [spoken[place] for place in draw.choice(len(spoken), 6 if number % 5 == 0 else 1, replace=False)]
        write(folder / f"{number:02}{ENDINGS[number % 4]}", joined(pieces))
    first = (folder / "00.flac").read_bytes()
    (folder / "bad_cut.flac").write_bytes(first[: len(first) // 2])
    (folder / "bad_header.flac").write_bytes(first[:100])
    (folder / "bad_noise.mp3").write_bytes(draw.bytes(20_000))
    (folder / "bad_text.wav").write_text("This is a text.\n" * 100)
    (folder / "bad_empty.wav").touch()
    write(folder / "bad_no_seconds.wav", np.zeros(0, np.float32))
    (folder / "ending_is_wrong.mp3").write_bytes(write(folder / "x.wav", spoken[0]).read_bytes() + b"\0")
    (folder / "x.wav").unlink()
    (folder / "directory.wav").mkdir()


def long_file(
    data_root: str | Path | None = None,
    hours: Sequence[float] = (1 / 6, 3.0),
    every: float = 120.0,
    seed: int = 0,
    recipe: Sequence[str] = RECIPE,
) -> list[dict[str, Any]]:
    """
    Memory and losses on a long recording, mostly pauses, with an utterance every two minutes.

    Returns:
        a row a length: `peak_mib` of the largest process, `spoken` utterances and how many of them were `found` (a
        segment begins within two seconds), `late_s`: the median distance of its start in the last tenth of the file,
        which shows whether times drift, and `x_realtime`.
    """
    rows, spoken = [], utterances(data_root, seed)
    for length in hours:
        with tempfile.TemporaryDirectory() as scratch:
            path, output = Path(scratch) / "recordings" / "long.flac", Path(scratch) / "out"
            path.parent.mkdir()
            starts = long_recording(path, length, spoken, every, seed)
            began = time.perf_counter()
            options = ["--device", "cpu", "--workers", "1", "--input", str(path), "--output", str(output)]
            peak = _peak_mib([*recipe, *options])
            took = time.perf_counter() - began
            heard = np.array([json.loads(line)["start"] for line in (output / "segments.jsonl").open()] or [np.inf])
        away = np.array([np.abs(heard - start).min() for start in starts])
        late = away[-max(1, len(away) // 10) :]
        row = {
            "hours": round(length, 2),
            "peak_mib": round(peak),
            "spoken": len(starts),
            "found": int((away < 2).sum()),
        }
        rows.append(row | {"late_s": round(float(np.median(late)), 2), "x_realtime": round(length * 3600 / took, 1)})
    return rows


def _run(command: Sequence[str], folder: Path | None = None, target: int | None = None, delay: float = 0.0) -> bool:
    """Run to the end, or kill once so many windows are finished and a little later; whether it ended by itself."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    if target is not None:
        while process.poll() is None and _windows(folder) < target:
            time.sleep(0.02)
        time.sleep(delay if target else 4 * delay)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    said = process.communicate()[1]
    if process.returncode not in ((0,) if target is None else (0, -signal.SIGKILL)):
        raise RuntimeError(f"the run ended with {process.returncode}: {said.strip()[-500:]}")
    return process.returncode == 0


def _peak_mib(command: Sequence[str]) -> float:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the run ended with {process.returncode}")
    return usage.ru_maxrss / 1024


def _finished(folder: Path) -> set[tuple]:
    """Windows that are on the disk."""
    try:
        with closing(sqlite3.connect(f"file:{folder / 'manifest.sqlite'}?mode=rw", uri=True, timeout=10)) as database:
            return set(database.execute("SELECT sha256, number FROM windows"))
    except sqlite3.OperationalError:  # not there yet
        return set()


def _windows(folder: Path) -> int:
    return len(_finished(folder))


def _counts(folder: Path) -> str:
    summary = json.loads((folder / "summary.json").read_text())
    return ", ".join(f"{summary[name]} {name}" for name in ("files", "done", "quarantined", "segments", "dropped"))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
