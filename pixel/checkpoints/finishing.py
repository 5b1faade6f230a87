"""The last step of a checkpoint: sealed, renamed, and only then called one; now, or beside the training."""

import os
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pixel.checkpoints.manifest import seal, sync_folder
from pixel.checkpoints.newest import hide


def finish(partial: Path, final: Path, step: int, facts: Mapping[str, Any] | None = None) -> Path:
    """
    Seal what was written and give it its name.

    A kill before the rename leaves a `.partial` folder, which nobody takes for a checkpoint; after it, a whole one.

    Args:
        partial: all files are in it.
        final: `checkpoint-STEP`, in the same folder. One of that name makes way.
        step, facts: see `pixel.checkpoints.manifest.seal`.

    Returns:
        the checkpoint.
    """
    seal(partial, step, facts)
    old = hide(final) if final.exists() else None
    os.replace(partial, final)
    sync_folder(final.parent)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)
    return final


class Background:
    """
    One piece of work at a time beside the training; `wait` before the next, and at the end.

    The thread holds the process open until it is done. It reads and hashes files, which leaves Python free.
    """

    def __init__(self):
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being worked at."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, work: Callable[[], Any]) -> None:
        """
        Raises:
            RuntimeError: the last piece was not waited for.
        """
        if self._thread is not None:
            raise RuntimeError("the last piece of work was not waited for")

        def run() -> None:
            try:
                work()
            except BaseException as error:
                self._error = error

        self._thread = threading.Thread(target=run, name="checkpoint")
        self._thread.start()

    def wait(self) -> BaseException | None:
        """Until it is done; what went wrong, told once."""
        if self._thread is not None:
            self._thread.join()
        self._thread, error, self._error = None, self._error, None
        return error
