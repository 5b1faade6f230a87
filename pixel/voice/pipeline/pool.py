"""Worker processes that are replaced when they die, each with a pipe of its own, so that none can block another."""

import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing import connection
from typing import Any

from pixel.voice.pipeline.job import Job
from pixel.voice.pipeline.tools import real_tools
from pixel.voice.pipeline.worker import Task, work

STARTS = 3
"""So many times in a row may workers die while they load the models."""


class CannotStart(RuntimeError):
    """No worker can hear anything: the model is not there, a package is missing, or memory is short."""


class Pool:
    """
    Args:
        job: what to do and how wide.
        make_tools: job and settings to `Tools`; must be importable, as the processes are spawned.
        most: no more workers than this, e.g. the number of recordings.

    Processes are spawned, not forked and never threads: two Whisper models in one process slow each other down
    (https://github.com/SYSTRAN/faster-whisper/issues/1055).
    """

    def __init__(self, job: Job, make_tools: Callable = real_tools, most: int | None = None):
        self.job, self.make_tools = job, make_tools
        self.places = job.places(most)
        self.workers: list[_Worker] = []
        self.failed_starts = 0

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.end()
        self.workers = []

    def run(self, tasks: Iterator[Task] | list[Task]) -> Iterator[tuple[Task, str, Any]]:
        """
        Have tasks done; more may be given with `again` while it goes.

        Yields:
            `(task, what, value)`: `window`, `ended` and `broken` as in `work`, and `died` with the reason after a
            task took its worker down.

        Raises:
            CannotStart: see there.
        """
        self.waiting = deque(tasks)
        while len(self.workers) < min(len(self.places), len(self.waiting)):
            self.workers.append(_Worker(self, *self.places[len(self.workers)]))
        while self.waiting or any(worker.task for worker in self.workers):
            for worker in self.workers:
                if worker.task is None and self.waiting:
                    worker.give(self.waiting.popleft())
            busy = {worker.pipe: worker for worker in self.workers if worker.task}
            for pipe in connection.wait(list(busy), timeout=min(5.0, self.job.stall_seconds)):
                yield from self._hear_from(busy[pipe])
            for worker in busy.values():
                waited = time.monotonic() - worker.heard_at
                if worker.task and worker.ready and waited > self.job.stall_seconds:
                    yield from self._replace(worker, f"nothing came for {self.job.stall_seconds:.0f} s")

    def again(self, task: Task) -> None:
        """After all that wait."""
        self.waiting.append(task)

    def _hear_from(self, worker: "_Worker") -> Iterator[tuple[Task, str, Any]]:
        try:
            what, value = worker.pipe.recv()
        except (EOFError, OSError):
            return (yield from self._replace(worker))
        worker.heard_at = time.monotonic()
        if what == "fatal":
            raise CannotStart(value)
        if what == "ready":
            worker.ready = True
        elif what == "loaded":
            worker.loaded, self.failed_starts = True, 0
        elif what == "failed":
            yield from self._replace(worker, value)
        else:
            task = worker.task
            if what != "window":
                worker.task = None
            yield task, what, value

    def _replace(self, worker: "_Worker", reason: str | None = None) -> Iterator[tuple[Task, str, Any]]:
        task, worker.task = worker.task, None
        code = worker.end(patience=0.0 if reason else 2.0)
        reason = reason or f"the worker died ({_exit(code)})"
        if task.kind == "hear" and not worker.loaded:
            self.failed_starts += 1
            if self.failed_starts >= STARTS:
                mend = "take a smaller model, or fewer --workers"
                raise CannotStart(f"{reason} {STARTS} times while it loaded the model. Mend: {mend}")
            self.waiting.appendleft(task)
        place = self.workers.index(worker)
        self.workers[place] = _Worker(self, *self.places[place])
        if worker.loaded or task.kind != "hear":
            yield task, "died", reason


class _Worker:
    def __init__(self, pool: Pool, settings: Any, environment: dict[str, str]):
        processes = multiprocessing.get_context("spawn")
        self.pipe, theirs = processes.Pipe()
        self.process = processes.Process(
            target=work, args=(theirs, pool.job, settings, environment, pool.make_tools), daemon=True
        )
        self.process.start()
        theirs.close()  # so that this end reads its end when the process dies
        self.task: Task | None = None
        self.ready, self.loaded, self.heard_at = False, False, time.monotonic()

    def give(self, task: Task) -> None:
        self.task, self.heard_at = task, time.monotonic()
        try:
            self.pipe.send(task)
        except OSError:
            pass  # it is dead; the pipe says so when it is read

    def end(self, patience: float = 0.0) -> int | None:
        """Stop it; how it ended if it did so by itself."""
        self.process.join(patience)
        code = self.process.exitcode
        self.process.kill()
        self.process.join()
        self.pipe.close()
        return code


def _exit(code: int | None) -> str:
    if code is None:
        return "its pipe broke"
    return signal.Signals(-code).name + (": out of memory?" if code == -9 else "") if code < 0 else f"exit {code}"
