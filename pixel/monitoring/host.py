"""What the machine around the GPUs is doing: processors, memory, swap, disk, network."""

import os
import time
from pathlib import Path

import psutil

from pixel.monitoring.cgroup import Cgroup, usable_cores


class Host:
    """
    Reads the machine, and how much of it this process and its children (data workers) take.

    Rates are over the time since the reading before; the first reading has none.

    Args:
        folder: whose disk is watched: where the run writes.
        cgroup: limits of a container; this process's own by default.
    """

    def __init__(self, folder: Path | str = ".", cgroup: Cgroup | None = None):
        self.folder, self.cgroup = Path(folder), cgroup or Cgroup()
        self._process = psutil.Process()
        self._children: dict[int, psutil.Process] = {}
        self._before: dict[str, float] = {}
        self._at = 0.0
        psutil.cpu_percent()  # starts the counts
        self._process.cpu_percent()

    def read(self) -> dict[str, float]:
        """
        One reading.

        Returns:
            `cpu_percent` (of all processors, 0 to 100), `process_cpu_percent` (of one processor: 200 is two),
            `load_per_core` (runnable tasks of the last minute a usable core), `memory_bytes` (this process and its
            children), `memory_used_share` (of what the machine or the container has), `memory_limit_bytes`,
            `swap_bytes`, `disk_free_bytes`, `disk_used_share`, and a second: `swap_rate`, `disk_read_rate`,
            `disk_write_rate`, `network_rate` (bytes).
        """
        machine, swap = psutil.virtual_memory(), psutil.swap_memory()
        said = {
            "cpu_percent": psutil.cpu_percent(),
            "load_per_core": os.getloadavg()[0] / usable_cores(self.cgroup),
            "swap_bytes": float(swap.used),
        }
        said |= self._processes() | self._memory(machine) | self._disk()
        return said | self._rates(swap)

    def _memory(self, machine) -> dict[str, float]:
        limit, used = self.cgroup.memory_limit(), self.cgroup.memory_used()
        if limit is not None and used is not None and limit < machine.total:
            share = used / limit
        else:
            limit, share = machine.total, 1 - machine.available / machine.total
        return {"memory_used_share": share, "memory_limit_bytes": float(limit)}

    def _processes(self) -> dict[str, float]:
        found = {child.pid: child for child in self._process.children(recursive=True)}
        self._children = {pid: self._children.get(pid, child) for pid, child in found.items()}
        memory = percent = 0.0
        for process in (self._process, *self._children.values()):
            try:
                with process.oneshot():
                    memory += process.memory_info().rss
                    percent += process.cpu_percent()
            except psutil.Error:  # ended between the two looks
                continue
        return {"memory_bytes": memory, "process_cpu_percent": percent}

    def _disk(self) -> dict[str, float]:
        place = self.folder.absolute()
        while not place.exists() and place != place.parent:
            place = place.parent
        disk = psutil.disk_usage(str(place))
        return {"disk_free_bytes": float(disk.free), "disk_used_share": disk.used / max(disk.used + disk.free, 1)}

    def _rates(self, swap) -> dict[str, float]:
        now, totals = time.monotonic(), {"swap_rate": float(swap.sin + swap.sout)}
        if (disk := psutil.disk_io_counters()) is not None:
            totals |= {"disk_read_rate": float(disk.read_bytes), "disk_write_rate": float(disk.write_bytes)}
        if (network := psutil.net_io_counters()) is not None:
            totals["network_rate"] = float(network.bytes_sent + network.bytes_recv)
        before, seconds = self._before, now - self._at
        self._before, self._at = totals, now
        return {name: (totals[name] - before[name]) / seconds for name in totals if name in before and seconds > 0}
