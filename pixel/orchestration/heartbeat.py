"""A file for every rank that says where it is, so that a supervisor sees a hang without asking."""

import json
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pixel.data.whole_files import write_in_one_step

FOLDER = "heartbeat"
ATTEMPT = "PIXEL_ATTEMPT"
"""Environment variable: the number of the attempt, so that nobody takes an old heartbeat for a new one."""

SPARE = "PIXEL_HEARTBEAT"
"""Environment variable: a folder of the supervisor's, for what cannot be written to the output folder."""

PHASES = ("start", "train", "save", "evaluate", "end")


@dataclass(frozen=True)
class Beat:
    """
    What a rank last said.

    Attributes:
        rank: from 0, over all machines.
        step: optimizer steps done.
        max_steps: of the run; 0 while it is not known.
        phase: one of `PHASES`: loading and compiling, training, saving, evaluating, measuring and keeping at the end.
        time: when, seconds since 1970 by the rank's clock.
        pid: of its process, on `host`.
        host: name of its machine.
        attempt: which start of the supervisor it belongs to; 0 without one.
        status: the exit status it is about to end with; `None` while it goes on.
    """

    rank: int
    step: int
    max_steps: int
    phase: str
    time: float
    pid: int
    host: str = ""
    attempt: int = 0
    status: int | None = None


class Heartbeat:
    """
    Writes `OUTPUT/heartbeat/rank{N}.json`, at most once in `every` seconds and at every change of phase.

    Written whole or not at all, and not pushed to the disk: it is worth nothing after a power cut. Where the output
    folder is full or read-only it goes to the supervisor's folder (`$PIXEL_HEARTBEAT`); where that fails too, the file
    is only touched; what cannot even be touched is passed over: a heartbeat never stops a run.

    Args:
        output_dir: of the run.
        rank: by default `$RANK`, else 0.
        every: seconds.
    """

    def __init__(self, output_dir: str | Path, rank: int | None = None, every: float = 1.0):
        self.rank = int(os.environ.get("RANK") or 0) if rank is None else rank
        self.file = Path(output_dir) / FOLDER / f"rank{self.rank}.json"
        spare = os.environ.get(SPARE)
        self._places = [self.file, *([Path(spare) / self.file.name] if spare else [])]
        self.every = every
        self.attempt = int(os.environ.get(ATTEMPT) or 0)
        self.step = self.max_steps = 0
        self._phase, self._written = "", float("-inf")

    def beat(
        self, phase: str, step: int | None = None, max_steps: int | None = None, status: int | None = None
    ) -> None:
        """
        Say where this rank is; numbers that are not given stay as they were.

        Raises:
            ValueError: no such phase.
        """
        if phase not in PHASES:
            raise ValueError(f"there is no phase {phase!r}; use one of: {', '.join(PHASES)}")
        self.step = self.step if step is None else int(step)
        self.max_steps = self.max_steps if max_steps is None else int(max_steps)
        now = time.monotonic()
        if phase == self._phase and status is None and now - self._written < self.every:
            return
        self._phase, self._written = phase, now
        place = (os.getpid(), socket.gethostname(), self.attempt)
        said = Beat(self.rank, self.step, self.max_steps, phase, time.time(), *place, status)
        text = json.dumps(asdict(said))
        if not any(_written(file, text) for file in self._places):
            try:
                os.utime(self.file)  # on a full disk the file cannot be replaced; that it is alive can still be said
            except OSError:
                pass

    @contextmanager
    def ticking(self, phase: str, seconds: float = 10.0) -> Iterator[None]:
        """For work without steps: a thread says meanwhile that the process is alive (and not that it gets on)."""
        done = threading.Event()

        def tick():
            while not done.wait(seconds):
                self.beat(phase)

        self.beat(phase)
        thread = threading.Thread(target=tick, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _written(file: Path, text: str) -> bool:
    try:
        write_in_one_step(file, text, durable=False)
    except OSError:
        return False
    return True


@contextmanager
def spare_folder() -> Iterator[str | None]:
    """A temporary folder for heartbeats that the output folder does not take; `None` where there can be none."""
    try:
        folder = tempfile.mkdtemp(prefix="pixel-heartbeat-")
    except OSError:
        yield None
        return
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_beats(output_dir: str | Path, attempt: int | None = None, spare: str | Path | None = None) -> list[Beat]:
    """
    The last word of every rank, by rank.

    Args:
        output_dir: of the run; it need not exist.
        attempt: those of another are left out.
        spare: the folder that `$PIXEL_HEARTBEAT` names; the later word of the two counts.
    """
    beats: dict[int, Beat] = {}
    folders = [Path(output_dir) / FOLDER, *([Path(spare)] if spare else [])]
    for file in (file for folder in folders for file in folder.glob("rank*.json")):
        try:
            beat = Beat(**json.loads(file.read_bytes()))
            touched = file.stat().st_mtime
            beat = replace(beat, time=touched) if touched > beat.time + 1 else beat
        except (OSError, ValueError, TypeError):
            continue
        known = beats.get(beat.rank)
        if attempt in (None, beat.attempt) and (known is None or known.time < beat.time):
            beats[beat.rank] = beat
    return [beats[rank] for rank in sorted(beats)]
