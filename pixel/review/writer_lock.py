"""One writer: a lock on a file beside the database, held for as long as it is open and gone when its process is."""

import fcntl
import os
from pathlib import Path

from pixel.review.errors import ReviewError


class WriterLock:
    """
    Takes the lock or refuses at once.

    Args:
        file: made if it is not there; holds the number of the process that has the lock. It is never deleted: a
            deleted lock file can be held twice.

    Raises:
        ReviewError: somebody else holds it.
    """

    def __init__(self, file: Path):
        self.descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self.descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(self.descriptor)
            raise ReviewError(
                f"{file.with_suffix('').name} is open for writing in process {holder}. "
                "Mend: stop that process, or open the database to read only"
            ) from None
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, str(os.getpid()).encode("ascii"), 0)

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
