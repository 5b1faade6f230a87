"""Who is still there: a file that a worker holds a lock on for as long as it lives."""

import fcntl
import os
import socket
import uuid
from pathlib import Path


class Presence:
    """
    A sign of this process. The system takes the lock away when the process ends, however it ends, and gives no other
    process the same name, as it does with process ids.

    Args:
        folder: where the signs of this machine's workers are.

    Attributes:
        name: what trials keep to say who runs them, `HOST:FILE`.
    """

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.file = (folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}").resolve()
        self.name = f"{socket.gethostname()}:{self.file}"
        self._held = self.file.open("w")
        fcntl.flock(self._held, fcntl.LOCK_EX)

    def leave(self) -> None:
        """Take the sign away."""
        self.file.unlink(missing_ok=True)
        self._held.close()

    def __enter__(self) -> "Presence":
        return self

    def __exit__(self, *exception) -> None:
        self.leave()


def is_gone(name: str) -> bool:
    """Whether the process of that name has ended. Of another machine's processes nothing is known: not gone."""
    host, _, file = name.partition(":")
    if host != socket.gethostname():
        return False
    try:
        with open(file) as sign:
            fcntl.flock(sign, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    Path(file).unlink(missing_ok=True)
    return True
