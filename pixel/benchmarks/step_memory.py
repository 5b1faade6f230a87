"""How much memory a training step adds to the loaded model, each variant in a process of its own."""

import ctypes
import gc
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch
from tqdm.auto import tqdm

from pixel.benchmarks.conversations import batches_of, labelled_examples
from pixel.benchmarks.stepping import Stepper, build_trainer, model_arguments
from pixel.training.loading import load_pixel

MEASURED = ("trl", "upgrad", "upgrad_lora", "torchjd")
MIB = 2**20


def step_memory(model: str, steps: int = 2, batch_size: int = 2, length: int = 256, seed: int = 0) -> dict[str, Any]:
    """
    Peak memory of a few steps (a LoRA probe among them) less what stood after loading.

    On a GPU the allocator's own figure; on a CPU the peak resident set of the process, which Linux lets us reset after
    loading (elsewhere the peak since the start is taken, which loading may hide).

    Returns:
        `growth_mib` and `loaded_mib` by variant, and `ratio` to TRL of the growth.
    """
    growth, loaded = {}, {}
    for name in tqdm(MEASURED, desc="Memory, a process each"):
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            loaded[name], growth[name] = pool.submit(_measure, name, model, steps, batch_size, length, seed).result()
    ratio = {name: growth[name] / growth["trl"] if growth["trl"] else None for name in MEASURED[1:]}
    return {"ratio": ratio, "growth_mib": growth, "loaded_mib": loaded}


def _measure(variant: str, model: str, steps: int, batch_size: int, length: int, seed: int) -> tuple[float, float]:
    """(MiB after loading, MiB added at the peak of the steps), in the process that calls it."""
    arguments = model_arguments(model)
    tokenizer, network = load_pixel(arguments)
    del network
    examples = labelled_examples(tokenizer, length, batch_size * steps, seed)
    stepper = Stepper(build_trainer(variant, arguments, examples, batch_size, length, seed))
    settle()
    before = resident()
    reset_peak()
    for number, batch in enumerate(batches_of(examples, batch_size, steps)):
        stepper.step(batch, probe=number == 0 and variant == "upgrad_lora")
    return before / MIB, (peak() - before) / MIB


def settle() -> None:
    """Give back what loading left behind."""
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
    """Start a new peak."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
        return
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass  # no such file outside Linux: the peak stays that of the whole process


def peak() -> int:
    """Most bytes in use since `reset_peak`."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    most = _status("VmHWM")
    if most is not None:
        return most
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _status(key: str) -> int | None:
    """A field of /proc/self/status in bytes, `None` where there is none."""
    file = Path("/proc/self/status")
    lines = file.read_text().splitlines() if file.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{key}:")), None)
