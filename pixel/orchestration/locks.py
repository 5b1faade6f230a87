"""One supervisor a folder; and the locks that killed compilers leave behind."""

import errno
import fcntl
import json
import os
import socket
import time
from pathlib import Path

from pixel.orchestration.processes import start_time


class InUseError(RuntimeError):
    """Somebody else works in that folder; the message says who and what to do."""


class FolderLock:
    """
    Held while somebody works in a folder; the kernel lets go of it when they die.

    The file says who: host, pid, when that process started. A file whose process is gone is taken over. Where a file
    system knows no locks, the process named in the file decides, if it is of this host.

    Args:
        file: its folder is made where it is missing.
        what: who takes it, for the other's error.

    Raises:
        InUseError: on entering, if another holds it.
        OSError: the folder cannot be written.
    """

    def __init__(self, file: Path, what: str = "supervisor"):
        self.file, self.what = file, what

    def __enter__(self) -> "FolderLock":
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self.file.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = False
        except OSError as error:
            held = error.errno in (errno.EWOULDBLOCK, errno.EACCES) or self._holder_lives()
        if held:
            who = self._holder()
            self._stream.close()
            raise InUseError(
                f"{self.file.parent}: {self.what} {who.get('pid', '?')} on {who.get('host', '?')} works here. "
                f"Mend: wait for it, stop it (kill {who.get('pid', 'PID')}), or name another folder"
            )
        me = {
            "pid": os.getpid(),
            "started": start_time(os.getpid()),
            "host": socket.gethostname(),
            "time": time.time(),
        }
        try:
            self._stream.truncate(0)
            self._stream.write(json.dumps(me))
            self._stream.flush()
        except OSError:  # a full disk: it is held all the same, and nobody is told by whom
            pass
        return self

    def __exit__(self, *_) -> None:
        try:
            self._stream.truncate(0)  # the file stays: removing it would let two others lock two files of one name
            fcntl.flock(self._stream, fcntl.LOCK_UN)
        except OSError:
            pass
        try:
            self._stream.close()
        except OSError:
            pass

    def _holder(self) -> dict:
        try:
            content = json.loads(self.file.read_text())
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def _holder_lives(self) -> bool:
        who = self._holder()
        if who.get("host") != socket.gethostname():
            return bool(who)
        return who.get("started") is not None and start_time(who["pid"]) == who["started"]


def held_files() -> set[str]:
    """Every file that a process of this host has open, as far as this user may look."""
    found = set()
    for process in os.listdir("/proc"):
        try:
            for descriptor in os.listdir(f"/proc/{process}/fd") if process.isdigit() else ():
                found.add(os.readlink(f"/proc/{process}/fd/{descriptor}"))
        except OSError:
            continue
    return found


def stale_extension_locks(folder: Path) -> list[Path]:
    """
    Locks of torch's extension cache (`TORCH_EXTENSIONS_DIR/NAME/lock`) that no live process holds.

    Whoever compiles keeps the file open until it is done; every other launch waits for it to go away, for ever when
    its maker was killed.
    """
    locks = [
        path for path in (*folder.glob("lock"), *folder.glob("*/lock"), *folder.glob("*/*/lock")) if path.is_file()
    ]
    held = held_files() if locks else set()
    return [path for path in locks if str(path.resolve()) not in held]


def remove_stale_locks(folder: Path) -> list[Path]:
    """Remove them; which they were."""
    removed = []
    for path in stale_extension_locks(folder):
        try:
            path.unlink()
            removed.append(path)
        except OSError:  # of another user, or gone by itself
            continue
    return removed
