"""Signals that ask to end, heard while something runs."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)
"""A scheduler, Ctrl-C, a closed terminal, and SLURM's warning before the time is over."""


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
