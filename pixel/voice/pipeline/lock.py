"""One run at a time in an output folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(RuntimeError):
    """Another run works in this folder."""


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """
    Hold the folder. The operating system lets go of it when the process ends, however it ends.

    Raises:
        Busy: another process holds it.
        NotADirectoryError: it is a file.
    """
    import fcntl

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise NotADirectoryError(f"{folder}: a file is in its place. Mend: name another --output") from None
    with (folder / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"{folder}: another run is at work here. Mend: wait for it, or name another --output") from None
        yield
