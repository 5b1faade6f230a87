"""How long a training step takes beside TRL's: five objectives balanced in one backward pass, or in several."""

from statistics import median
from typing import Any

from tqdm.auto import tqdm

from pixel.benchmarks.conversations import batches_of, labelled_examples, tokens_in
from pixel.benchmarks.stepping import PROBE_EVERY, VARIANTS, Stepper, build_trainer, device_name, model_arguments
from pixel.training.loading import load_pixel


def step_time(
    model: str, steps: int = 8, batch_size: int = 2, length: int = 256, warm_up: int = 2, seed: int = 0
) -> dict[str, Any]:
    """
    Median seconds of an optimizer step of every variant, on the same batches and backbone weights.

    The variants take turns batch by batch, each round starting with the next one, so that noise hits all alike. The
    LoRA probe's step is measured apart; `upgrad_lora` is the mean over a full period of one probe and 19 others.

    Args:
        model: Hub id, folder, `embedded:smollm2` or `tiny:llama`.
        steps: measured steps a variant.
        batch_size: rows a batch.
        length: tokens a row at most.
        warm_up: steps before the measurement.
        seed: of batches and random weights.

    Returns:
        `ratio` to TRL (median over the batches of the ratio on each), `seconds` (medians), `tokens` a batch.
    """
    arguments = model_arguments(model)
    tokenizer, _ = load_pixel(arguments)
    examples = labelled_examples(tokenizer, length, batch_size * (steps + warm_up), seed)
    batches = batches_of(examples, batch_size, steps + warm_up)
    steppers = {name: Stepper(build_trainer(name, arguments, examples, batch_size, length, seed)) for name in VARIANTS}
    runs = [(name, False) for name in VARIANTS] + [("upgrad_lora", True)]
    taken: dict[tuple[str, bool], list[float]] = {run: [] for run in runs}
    bar = tqdm(total=len(batches) * len(runs), desc="Training steps")
    for number, batch in enumerate(batches):
        first = number % len(runs)
        for name, probe in runs[first:] + runs[:first]:
            taken[name, probe].append(steppers[name].step(batch, probe))
            bar.update()
    bar.close()
    taken = {run: seconds[warm_up:] for run, seconds in taken.items()}
    usual, probing = taken["upgrad_lora", False], taken["upgrad_lora", True]
    period = [(b + (PROBE_EVERY - 1) * a) / PROBE_EVERY for a, b in zip(usual, probing, strict=True)]
    times = {name: taken[name, False] for name in VARIANTS} | {"upgrad_lora": period}
    ratio = {
        name: median(a / b for a, b in zip(seconds, times["trl"], strict=True))
        for name, seconds in times.items()
        if name != "trl"
    }
    seconds = {name: median(values) for name, values in times.items()}
    seconds |= {"upgrad_lora_ordinary": median(usual), "upgrad_lora_probe": median(probing)}
    return {
        "ratio": ratio,
        "seconds": seconds,
        "spread": {name: [min(values), max(values)] for name, values in times.items()},
        "tokens": median(tokens_in(batch) for batch in batches[warm_up:]),
        "rows": batch_size,
        "steps": steps,
        "device": device_name(),
        "model": model,
    }
