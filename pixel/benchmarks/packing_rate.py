"""Real tokens a second: Pixel's packed rows with all read-outs beside TRL's default of a padded row a conversation."""

import random
from statistics import mean, median
from typing import Any

from datasets import Dataset
from tqdm.auto import tqdm

from pixel.benchmarks.conversations import batches_of, tokens_in
from pixel.benchmarks.stepping import Stepper, build_trainer, model_arguments
from pixel.data.examples import encode_dataset
from pixel.data.packing import pack_dataset
from pixel.training.loading import load_pixel


def packing_rate(
    model: str,
    conversations: Dataset,
    steps: int = 6,
    batch_size: int = 2,
    length: int = 1024,
    warm_up: int = 1,
    seed: int = 0,
) -> dict[str, Any]:
    """
    Median real tokens a second of both, on the same conversations.

    Pixel takes `batch_size` packed rows of `length` tokens and trains language and heads; TRL takes as many
    conversations as fill about as many padded tokens and trains language alone. They take turns.

    Args:
        model: Hub id, folder, `embedded:smollm2` or `tiny:llama`.
        conversations: rows of the schema; their lengths are what matters.
        steps: measured steps each.
        batch_size: packed rows a batch.
        length: tokens a packed row, and the most a conversation may have.
        warm_up: steps before the measurement.
        seed: of the order.

    Returns:
        `ratio` (Pixel over TRL), `tokens_per_second`, `trl_batch_size`, `padding` (share of padded tokens).
    """
    arguments = model_arguments(model)
    tokenizer, _ = load_pixel(arguments)
    single = encode_dataset(conversations, tokenizer, length).shuffle(seed=seed)
    packed = pack_dataset(single, length, seed=seed)
    plain_size = rows_to_fill([len(ids) for ids in single["input_ids"]], batch_size * length, seed)
    count = steps + warm_up
    kinds = {"trl": (single, plain_size), "sum": (packed.shuffle(seed=seed), batch_size)}
    steppers, batches, rates, padding = {}, {}, {}, {}
    for name, (rows, size) in kinds.items():
        rows = rows.select(range(min(len(rows), size * count)))
        steppers[name] = Stepper(build_trainer(name, arguments, rows, size, length, seed))
        batches[name] = batches_of(rows, size, count)
        rates[name] = []
        widths = [max(len(row["input_ids"]) for row in batch) * size for batch in batches[name]]
        padding[name] = 1 - sum(map(tokens_in, batches[name])) / sum(widths)
    bar = tqdm(total=2 * count, desc="Packed and padded steps")
    for number in range(count):
        for name in ("trl", "sum") if number % 2 == 0 else ("sum", "trl"):
            batch = batches[name][number]
            rates[name].append(tokens_in(batch) / steppers[name].step(batch))
            bar.update()
    bar.close()
    speed = {"pixel_packed": median(rates["sum"][warm_up:]), "trl_default": median(rates["trl"][warm_up:])}
    return {
        "ratio": speed["pixel_packed"] / speed["trl_default"],
        "tokens_per_second": speed,
        "trl_batch_size": plain_size,
        "padding": {"pixel_packed": padding["sum"], "trl_default": padding["trl"]},
        "mean_tokens": mean(len(ids) for ids in single["input_ids"]),
    }


def rows_to_fill(lengths: list[int], tokens: int, seed: int = 0, draws: int = 200) -> int:
    """How many rows of these lengths, padded to the longest among them, take about `tokens` tokens; at least 1."""
    generator, size = random.Random(seed), 1
    while size < len(lengths):
        wider = size + 1
        width = mean(wider * max(generator.sample(lengths, wider)) for _ in range(draws))
        if width > tokens:
            break
        size = wider
    return size
