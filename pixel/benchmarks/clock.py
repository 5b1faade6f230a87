"""The clock of the comparisons: what a step costs this process, not what else the machine was doing."""

import time

import torch


def clock() -> float:
    """
    Seconds: with an accelerator wall-clock time after all kernels are done; on a CPU processor time of this process.

    On a shared machine processor time is the steadier by far. It adds up threads: compare with one
    (`OMP_NUM_THREADS=1`), where it is what the step would take alone.
    """
    if torch.cuda.is_available():
        torch.cuda.synchronize()
        return time.perf_counter()
    return time.process_time()
