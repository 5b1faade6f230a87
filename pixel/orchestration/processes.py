"""
Which processes descend from which, how to end them all, and how to hear that one is asked to end itself.

Linux: reads /proc. Standard library alone.
"""

import ctypes
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

MARK = "PIXEL_SUPERVISED"
"""Environment variable that everything started by a supervisor inherits: its output folder and attempt."""

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)
"""A scheduler, Ctrl-C, a closed terminal, and SLURM's warning before the time is over."""


def start_time(pid: int) -> int | None:
    """When a process started, in clock ticks since boot: with it a pid names one process for good. `None`: gone."""
    stat = _stat(pid)
    return None if stat is None or stat[0] == "Z" else int(stat[19])


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the name, which may itself hold blanks and brackets."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def everyone() -> dict[int, int]:
    """pid -> parent's pid, of every process that has not ended."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (stat := _stat(int(name))) is not None and stat[0] not in "ZX":
            found[int(name)] = int(stat[1])
    return found


def descendants(pid: int) -> list[int]:
    """Children, their children and so on, the eldest generation first; a process is never its own descendant."""
    children: dict[int, list[int]] = {}
    for child, parent in everyone().items():
        children.setdefault(parent, []).append(child)
    found, generation = [], children.get(pid, [])
    while generation:
        found += generation
        generation = [child for parent in generation for child in children.get(parent, [])]
    return found


def marked(mark: str) -> list[int]:
    """Processes whose environment says `PIXEL_SUPERVISED=mark`, wherever they hang in the tree, but this one."""
    wanted, found = f"{MARK}={mark}".encode(), []
    for pid in everyone():
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if pid != os.getpid() and wanted in file.read().split(b"\0"):
                    found.append(pid)
        except OSError:
            continue
    return found


def send(pids: Iterable[int], number: int) -> None:
    """A signal to each that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue


def kill_all(found: Callable[[], list[int]], wait: float = 10.0) -> list[int]:
    """
    SIGKILL until nobody is left: a process may fork while it is being looked for.

    Args:
        found: who is there now.
        wait: seconds; one in an uninterruptible call to a dead file system may outlast them.

    Returns:
        who is left.
    """
    until = time.monotonic() + wait
    while (left := found()) and time.monotonic() < until:
        send(left, signal.SIGKILL)
        time.sleep(0.02)
    return left


def adopt_orphans() -> bool:
    """From now on orphans among this process's descendants become its children and not init's."""
    return _prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def die_with_parent(number: int = signal.SIGKILL) -> bool:
    """This process gets a signal when the thread that started it ends."""
    return _prctl(1, number)  # PR_SET_PDEATHSIG


def _prctl(option: int, value: int) -> bool:
    try:
        return ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) == 0
    except (AttributeError, OSError):  # not Linux
        return False


@contextmanager
def heard(what: Callable[[], None]) -> Iterator[None]:
    """
    Call a function at each of `ENDING` meanwhile, but for those that are ignored (`nohup`, a shell's background job).
    In another thread than the main one nothing is heard.

    Args:
        what: must not wait for a lock: it is called between two instructions of whatever runs.
    """
    before = {}
    try:
        for number in ENDING:
            if signal.getsignal(number) != signal.SIG_IGN:
                before[number] = signal.signal(number, lambda *_: what())
    except ValueError:  # not the main thread
        pass
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
