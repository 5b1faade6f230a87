"""How much memory a training step adds to the loaded model, each variant in a process of its own."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from tqdm.auto import tqdm

from pixel.benchmarks.conversations import batches_of, labelled_examples
from pixel.benchmarks.stepping import Stepper, build_trainer, model_arguments
from pixel.monitoring.memory.peaks import peak, reset_peak, resident, settle
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
