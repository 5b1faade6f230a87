"""Limits that a container puts on memory and processors (Linux control groups, versions 1 and 2)."""

import os
from pathlib import Path

_NO_LIMIT = 1 << 60  # version 1 says "none" with a number near 2**63


class Cgroup:
    """
    The control group of this process, where there is one.

    Args:
        root: where control groups are mounted.
        own: `/proc/self/cgroup`.
    """

    def __init__(self, root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")):
        self.root, paths = root, {}
        try:
            for line in own.read_text().splitlines():
                _, controllers, path = line.split(":", 2)
                for controller in controllers.split(","):
                    paths[controller] = path.strip("/")
        except (OSError, ValueError):
            pass
        self._memory2 = self._ancestors(root, paths.get("", ""))
        self._memory1 = self._ancestors(root / "memory", paths.get("memory", ""))
        self._cpu1 = self._ancestors(root / "cpu", paths.get("cpu", ""))

    def memory_limit(self) -> int | None:
        """Bytes, the least of this group's and those around it; `None` where there is none."""
        found = [_number(folder / "memory.max") for folder in self._memory2]
        found += [_number(folder / "memory.limit_in_bytes") for folder in self._memory1]
        limits = [limit for limit in found if limit is not None and limit < _NO_LIMIT]
        return min(limits, default=None)

    def memory_used(self) -> int | None:
        """Bytes that cannot be had back by dropping cached files, as Kubernetes counts; `None` where nobody says."""
        for folders, name, cache in (
            (self._memory2, "memory.current", "inactive_file"),
            (self._memory1, "memory.usage_in_bytes", "total_inactive_file"),
        ):
            for folder in folders:
                used = _number(folder / name)
                if used is not None:
                    return max(used - _stat(folder / "memory.stat", cache), 0)
        return None

    def cores(self) -> float | None:
        """Processors' worth of time a second; `None` where there is no quota."""
        found = []
        for folder in self._memory2:
            words = _words(folder / "cpu.max")
            if len(words) == 2 and words[0] != "max":
                found.append(int(words[0]) / int(words[1]))
        for folder in self._cpu1:
            quota, period = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
            if quota is not None and period and quota > 0:
                found.append(quota / period)
        return min(found, default=None)

    @staticmethod
    def _ancestors(root: Path, path: str) -> list[Path]:
        """From the group itself up to the mount. In a container the host's path may not be there: the mount is."""
        parts = Path(path).parts
        return [root.joinpath(*parts[:count]) for count in range(len(parts), -1, -1)]


def usable_cores(group: Cgroup | None = None) -> float:
    """Processors this process may use: its affinity, within the quota of its control group."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = (group or Cgroup()).cores()
    return min(own, quota) if quota else own


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []


def _number(file: Path) -> int | None:
    words = _words(file)
    return int(words[0]) if words and words[0].lstrip("-").isdigit() else None


def _stat(file: Path, key: str) -> int:
    words = _words(file)
    return int(words[words.index(key) + 1]) if key in words else 0
