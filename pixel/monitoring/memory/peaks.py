"""Memory in use now and at its peak: the allocator's on a GPU, the resident set of the process on a CPU."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch


def settle() -> None:
    """Give back what is no longer used."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        return
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    except (OSError, AttributeError):
        pass  # not glibc


def resident() -> int:
    """Bytes in use now."""
    if torch.cuda.is_available():
        return torch.cuda.memory_allocated()
    now = _status("VmRSS")
    return peak() if now is None else now


def reset_peak() -> None:
    """Start a new peak. Outside Linux a process's peak cannot be reset and stays that since its start."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
        return
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def peak() -> int:
    """Most bytes in use since `reset_peak`."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    most = _status("VmHWM")
    if most is not None:
        return most
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class PhasePeaks:
    """
    The peak within each of several phases.

    Attributes:
        bytes: phase -> most bytes in use while it lasted, the highest where it came more than once.
    """

    def __init__(self):
        self.bytes: dict[str, int] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """`with peaks.phase("backward"): ...`; phases must not contain one another."""
        reset_peak()
        try:
            yield
        finally:
            self.bytes[name] = max(self.bytes.get(name, 0), peak())


def _status(key: str) -> int | None:
    """A field of /proc/self/status in bytes, `None` where there is none."""
    file = Path("/proc/self/status")
    lines = file.read_text().splitlines() if file.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{key}:")), None)
