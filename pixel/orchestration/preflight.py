"""What can be seen to go wrong before anything is started."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pixel.orchestration.locks import remove_stale_locks

EXTENSIONS = "TORCH_EXTENSIONS_DIR"


def preflight(output_dir: Path, environment: Mapping[str, str], least_free: int, processes: int = 1) -> list[str]:
    """
    Look at the disk and the GPUs, and remove locks that a killed launch left in the extension cache.

    Args:
        output_dir: of the run.
        environment: what the command gets beyond this process's.
        least_free: bytes.
        processes: on this machine.

    Returns:
        one line for everything that a person should know; the attempt is made all the same.
    """
    said = []
    try:
        free = shutil.disk_usage(output_dir).free
        if free < least_free:
            said.append(
                f"{output_dir}: {free / 2**30:.2f} GiB free, {least_free / 2**30:.2f} wanted. "
                "Mend: free space, or name another --output_dir"
            )
    except OSError as error:
        said.append(f"{output_dir}: cannot be looked at ({error.strerror})")
    if not os.access(output_dir, os.W_OK):
        said.append(f"{output_dir}: cannot be written. Mend: name a folder that can")
    gpus = gpu_count(environment)
    if gpus is not None and gpus < processes:
        said.append(f"{processes} processes and {gpus} GPUs. Mend: --num_processes {gpus}, or see why one is gone")
    cache = environment.get(EXTENSIONS) or os.environ.get(EXTENSIONS)
    removed = remove_stale_locks(Path(cache)) if cache else []
    if removed:
        said.append(f"{len(removed)} stale locks removed, which a killed launch had left in {cache}")
    return said


def is_full(folder: Path, least: int = 1 << 20) -> bool:
    """Whether there is less room than a small file needs."""
    try:
        return shutil.disk_usage(folder).free < least
    except OSError:
        return False


def log_file(folder: Path, name: str) -> Path:
    """Where a log can be written: in the folder, or in a temporary one where it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).open("ab").close()
        return folder / name
    except OSError:
        return Path(tempfile.mkdtemp(prefix="pixel-attempt-")) / name


def gpu_count(environment: Mapping[str, str], folder: Path = Path("/proc/driver/nvidia/gpus")) -> int | None:
    """NVIDIA GPUs that a process will see, by the driver and `CUDA_VISIBLE_DEVICES`; `None` without a driver."""
    try:
        found = len(list(folder.iterdir()))
    except OSError:
        return None
    chosen = environment.get("CUDA_VISIBLE_DEVICES", os.environ.get("CUDA_VISIBLE_DEVICES"))
    return found if chosen is None else min(found, len([one for one in chosen.split(",") if one.strip()]))
