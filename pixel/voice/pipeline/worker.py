"""A worker process: takes one task at a time from its pipe, and says what came of it."""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import Any

from pixel.voice.pipeline.job import Job
from pixel.voice.transcription.settings import Settings


@dataclass(frozen=True)
class Task:
    """
    Attributes:
        kind: `look`, `hear` or `speakers`.
        key: of the manifest: the file to look at, otherwise the SHA-256 of the bytes.
        file: name of the recording.
        path: where it lies.
        known: for `hear`: see `hearing.hear`.
        rows: for `speakers`: the segments.
    """

    kind: str
    key: str
    file: str
    path: Path
    known: dict[int, tuple] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)


def work(pipe: Any, job: Job, settings: Settings, environment: dict[str, str], make_tools: Callable) -> None:
    """
    The life of a worker. Messages it sends, as `(what, value)`:

    - `ready`: it listens; only from then on can it be too slow.
    - `loaded`: the models are there.
    - `window`: a finished window's values.
    - `ended`: the task's result.
    - `broken`: the recording cannot be used, and why; another attempt would end the same.
    - `failed`: something else went wrong, and what; the worker ends, since a GPU may be in disorder now.
    - `fatal`: no recording could be heard at all, and why.
    """
    os.environ.update(environment)  # before anything reads it
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the parent decides
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    from tqdm import tqdm

    from pixel.voice.audio.errors import AudioError
    from pixel.voice.pipeline import hearing

    tqdm.set_lock(threading.RLock())  # its own is a semaphore of the system, which a killed worker would leave behind
    try:
        tools, transcriber = make_tools(job, settings), None
    except Exception as error:
        return pipe.send(("fatal", _said(error)))
    pipe.send(("ready", None))
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        if task.kind == "hear" and transcriber is None:
            try:
                transcriber = tools.transcriber()
            except Exception as error:
                return pipe.send(("fatal", _said(error)))
            pipe.send(("loaded", None))
        try:
            if task.kind == "look":
                result = hearing.look(task.path, tools)
            elif task.kind == "speakers":
                result = hearing.speakers(task.path, task.rows, tools)
            else:
                said = (tools, transcriber, job.window_seconds, task.known, settings.language)
                result = None
                for window in hearing.hear(task.file, task.path, *said):
                    pipe.send(("window", window))
            pipe.send(("ended", result))
        except BrokenPipeError:
            return
        except AudioError as error:
            pipe.send(("broken", hearing.one_line(error, task.path)))
        except ModuleNotFoundError as error:
            return pipe.send(("fatal", _said(error)))
        except Exception as error:
            if not _unreadable(error, task):
                return pipe.send(("failed", hearing.one_line(error, task.path)))
            pipe.send(("broken", f"cannot be read: {error.strerror or error}"))


def _unreadable(error: Exception, task: Task) -> bool:
    """Whether it is the recording that cannot be read, and not, say, a model."""
    return isinstance(error, OSError) and (task.kind == "look" or str(error.filename) == str(task.path))


def _said(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, ModuleNotFoundError):
        return text if "Mend:" in text else f'{error.name} is not installed. Mend: pip install -e ".[voice]"'
    return text if isinstance(error, ValueError) else f"{type(error).__name__}: {text}"


def _end_with_the_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
