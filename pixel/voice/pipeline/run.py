"""From a folder of recordings to what was said in them, however often it is interrupted."""

import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from pixel.voice.pipeline.inputs import recordings, rows
from pixel.voice.pipeline.job import Job
from pixel.voice.pipeline.lock import only_run
from pixel.voice.pipeline.manifest import Manifest
from pixel.voice.pipeline.merging import merge_if_complete, shard_folder
from pixel.voice.pipeline.outputs import write_outputs
from pixel.voice.pipeline.pool import Pool
from pixel.voice.pipeline.progress import Progress
from pixel.voice.pipeline.tools import real_tools
from pixel.voice.pipeline.worker import Task

BYTES_A_SECOND = 16_000
"""Guess for a file that does not say how long it is; used for the progress bar alone."""


class OtherSettings(ValueError):
    """The output folder holds work that was done with other settings."""


def transcribe(
    source: Path,
    output: Path,
    job: Job,
    shard: tuple[int, int] | None = None,
    restart: bool = False,
    retry_quarantined: bool = False,
    make_tools: Callable = real_tools,
    say: Callable[[str], None] = print,
) -> dict[str, Any] | None:
    """
    Hear what has not been heard, then write the dataset.

    Args:
        source: a folder or one recording.
        output: for `manifest.sqlite`, `segments.jsonl`, `segments.parquet`, `dropped.jsonl`, `files.jsonl` and
            `summary.json`; a shard works in `shards/I-of-N` below it.
        job: what to do.
        shard: `(i, n)`: only this part of the recordings. The last one to end merges them all.
        restart: forget what was done with other settings.
        retry_quarantined: try them again.
        make_tools: for tests.
        say: where lines for the reader go.

    Returns:
        what `summary.json` says; none while other shards are missing.

    Raises:
        OtherSettings: the folder holds work done with others, and `restart` was not said.
        Busy: another run is at work there.
        CannotStart: no worker could load its models.
        FileNotFoundError: no such source.
    """
    folder = shard_folder(output, *shard) if shard else output
    found = recordings(source, output, shard)
    with only_run(folder), _terminated_is_interrupted():
        manifest = Manifest(folder / "manifest.sqlite")
        try:
            _same_settings(manifest, job, folder, restart, say)
            manifest.put("complete", False)
            manifest.put("merged", False)
            if retry_quarantined:
                manifest.give_another_chance()
            manifest.set_files(rows(found))
            work = _Work(manifest, job, found, say)
            work.do(make_tools)
            manifest.put("complete", True)
            if not shard:
                return write_outputs(manifest, folder, work.speed())
        finally:
            manifest.close()
    return merge_if_complete(output, shard[1], say)


class _Work:
    def __init__(self, manifest: Manifest, job: Job, found: dict[str, Any], say: Callable[[str], None]):
        self.manifest, self.job, self.found, self.say = manifest, job, found, say
        self.progress: Progress | None = None

    def do(self, make_tools: Callable) -> None:
        """Look at every file, hear every content, longest first."""
        with Pool(self.job, make_tools, most=max(len(self.found), 1)) as pool:
            for task, what, value in pool.run(
                [Task("look", file, file, self.found[file].path) for file in self.manifest.unlooked()]
            ):
                self._looked(pool, task, what, value)
            contents = self.manifest.unfinished()
            self._count(contents)
            try:
                for task, what, value in pool.run([self._task(content) for content in contents]):
                    self._heard(pool, task, what, value)
            finally:
                self.progress.close()

    def speed(self) -> dict[str, float]:
        """Of this run alone."""
        heard, seconds = self.progress.heard, self.progress.seconds
        speed = {"heard_seconds": heard, "took_seconds": seconds, "x_realtime": heard / seconds}
        return {name: round(value, 3) for name, value in speed.items()}

    def _count(self, contents: list) -> None:
        self.left = {
            content["sha256"]: content["seconds"] or content["bytes"] / BYTES_A_SECOND for content in contents
        }
        lengths = self.manifest.lengths()
        before = sum(lengths.values())
        for sha256 in self.left:
            self.left[sha256] = max(self.left[sha256] - lengths.get(sha256, 0.0), 0.0)
        if before:
            length = timedelta(seconds=round(before))
            self.say(f"Going on: {length} were heard before, {len(contents)} recordings are left.")
        self.progress = Progress(before + sum(self.left.values()), before)

    def _task(self, content: Any) -> Task:
        sha256, path = content["sha256"], self.found[content["file"]].path
        if content["state"] == "heard":
            return self._speakers(sha256, content["file"], path)
        known = {
            window["number"]: (window["language"], window["language_probability"], window["speech_seconds"])
            for window in self.manifest.windows(sha256)
        }
        return Task("hear", sha256, content["file"], path, known=known)

    def _speakers(self, sha256: str, file: str, path: Path) -> Task:
        said = [row for window in self.manifest.windows(sha256) for row in json.loads(window["kept"])]
        return Task("speakers", sha256, file, path, rows=said)

    def _looked(self, pool: Pool, task: Task, what: str, value: Any) -> None:
        if what == "ended":
            return self.manifest.looked(task.file, **value)
        if what == "died" and (tries := self.manifest.failed("look", task.key)) < self.job.attempts:
            return pool.again(task)
        if what == "died":
            value = f"{value}, {tries} times"
        self.manifest.write("UPDATE files SET reason = ? WHERE file = ?", [(value, task.file)])

    def _heard(self, pool: Pool, task: Task, what: str, value: Any) -> None:
        sha256 = task.key
        if what == "window":
            self.manifest.heard(sha256, value)
            self.left[sha256] -= value[2]
            return self.progress.add(value[2])
        if what == "died" and (tries := self.manifest.failed("hear", sha256)) < self.job.attempts:
            content = self.manifest.ask("SELECT *, ? AS file FROM contents WHERE sha256 = ?", task.file, sha256)[0]
            return pool.again(self._task(content))
        if what == "died":
            value = f"{value}, {tries} times"
        if task.kind == "speakers":
            if what == "ended":
                return self.manifest.move(sha256, "done", speakers=json.dumps(value, ensure_ascii=False))
            return self.manifest.move(sha256, "done", f"nobody knows who speaks: {value}")
        heard = self.manifest.ask("SELECT sum(seconds) AS s FROM windows WHERE sha256 = ?", sha256)[0]["s"] or 0.0
        if what == "ended" and not heard:
            what, value = "broken", "no sound in it (0 seconds)"
        if what == "ended":
            self.progress.shrink(self.left[sha256])  # it was shorter than it said
            self.manifest.move(sha256, "heard" if self.job.diarize else "done")
            if self.job.diarize:
                pool.again(self._speakers(sha256, task.file, task.path))
            return None
        self.progress.shrink(self.left[sha256])
        kept = f" (what was heard before, {heard:.0f} s, is kept)" if heard else ""
        return self.manifest.move(sha256, "quarantined", f"{value}{kept}")


def _same_settings(manifest: Manifest, job: Job, folder: Path, restart: bool, say: Callable[[str], None]) -> None:
    before, now = manifest.get("settings"), json.loads(json.dumps(job.identity()))
    if before is not None and before != now and not manifest.heard_anything():
        manifest.give_another_chance()  # e.g. the first start named a model that is not there
    elif before is not None and before != now:
        names = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
        differ = ", ".join(f"{name} {before.get(name)} -> {now.get(name)}" for name in names)
        if not restart:
            raise OtherSettings(
                f"{folder}: begun with other settings ({differ}). Mend: the same settings, another --output, "
                "or --restart to begin anew"
            )
        say(f"Beginning anew, since settings differ: {differ}.")
        manifest.clear()
    elif before is not None and restart:
        say("Beginning anew.")
        manifest.clear()
    manifest.put("settings", now)


@contextmanager
def _terminated_is_interrupted() -> Iterator[None]:
    """SIGTERM, which schedulers send, ends the run as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
