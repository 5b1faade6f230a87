"""What a run took of its machine."""

import os
import resource
import sys
from typing import Any

import torch


def resources(seconds: float) -> dict[str, Any]:
    """
    For the report of a run.

    Args:
        seconds: it trained for.

    Returns:
        `seconds`, `cpu_seconds` (of this process), `peak_memory_gib`, `threads`, `device`, and, with CUDA,
        `peak_gpu_memory_gib`.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    unit = 2**30 if sys.platform == "darwin" else 2**20  # macOS counts bytes, Linux kibibytes
    said = {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_memory_gib": round(used.ru_maxrss / unit, 2),
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "device": "cpu",
    }
    if torch.cuda.is_available():
        said["device"] = torch.cuda.get_device_name()
        said["peak_gpu_memory_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2)
    return said
