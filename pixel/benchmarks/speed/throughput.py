"""Real tokens a second on a CPU beside plain TRL at its best, and what each of Pixel's optimisations contributes."""

from collections.abc import Sequence
from statistics import mean, median, quantiles
from typing import Any

from datasets import Dataset
from tqdm.auto import tqdm

from pixel.benchmarks.packing_rate import rows_to_fill
from pixel.benchmarks.speed.ratios import median_ratio
from pixel.benchmarks.speed.runner import Runner, padded_tokens, prepare_rows, real_tokens
from pixel.benchmarks.speed.variants import VARIANTS
from pixel.data.examples import encode_dataset
from pixel.training import ModelArguments, load_pixel


def throughput(
    model: str,
    conversations: Dataset,
    *,
    names: Sequence[str] = tuple(VARIANTS),
    lora_rank: int = 16,
    rounds: int = 6,
    length: int = 512,
    rows: int = 4,
    micro: int = 1,
    warm_up: int = 1,
    seed: int = 0,
) -> dict[str, Any]:
    """
    Every way to train takes a step in each round, in turn, each round beginning with the next one.

    All start from the same conversations; each makes its own rows of them. Rows that are not packed are as many as
    fill about as many padded tokens as the packed ones. Pixel trains language and heads, TRL language alone.

    Args:
        model: Hub id, folder, `embedded:smollm2` or `tiny:llama`.
        conversations: of the schema; their lengths are what matters.
        names: of `pixel.benchmarks.speed.variants.VARIANTS`; `pixel` must be among them.
        lora_rank: 0 trains every weight.
        rounds: measured.
        length: tokens of a packed row, and the most a conversation may have.
        rows: packed rows a micro-batch.
        micro: micro-batches a step.
        warm_up: rounds before the measurement.
        seed: of order and weights.

    Returns:
        by variant `tokens_per_second` (median; real tokens a processor second), `padding` (share of padded tokens) and
        `over` (its rate over Pixel's: median of the rounds with its interval; below 1 it is slower); `best_trl`,
        `ratio` (Pixel over that); `lengths` of the conversations.
    """
    tokenizer, _ = load_pixel(ModelArguments(model_name_or_path=model))
    examples = encode_dataset(conversations, tokenizer, length).shuffle(seed=seed)
    lengths = [len(ids) for ids in examples["input_ids"]]
    singles = rows_to_fill(lengths, rows * length, seed)

    def build(dtype):
        return load_pixel(ModelArguments(model_name_or_path=model), dtype=dtype)

    prepared = prepare_rows(examples, length, seed)
    shape = {"length": length, "rows": rows, "micro": micro, "singles": singles}
    runners = {
        name: Runner(VARIANTS[name], build, prepared, lora_rank=lora_rank, seed=seed, **shape)
        for name in tqdm(names, desc="Loading a network each")
    }
    rates: dict[str, list[float]] = {name: [] for name in names}
    waste: dict[str, list[float]] = {name: [] for name in names}
    bar = tqdm(total=len(names) * (rounds + warm_up), desc="Steps in turn")
    for number in range(rounds + warm_up):
        first = number % len(names)
        for name in [*names[first:], *names[:first]]:
            batches = runners[name].next_step()
            seconds = runners[name].step(batches)
            if number >= warm_up:
                rates[name].append(real_tokens(batches) / seconds)
                waste[name].append(1 - real_tokens(batches) / padded_tokens(batches))
            bar.update()
    bar.close()
    theirs = [name for name in names if not VARIANTS[name].ours]
    best = max(theirs, key=lambda name: median(rates[name])) if theirs else None
    return {
        "tokens_per_second": {name: median(values) for name, values in rates.items()},
        "padding": {name: mean(values) for name, values in waste.items()},
        "over": {name: median_ratio(rates[name], rates["pixel"], seed) for name in names if name != "pixel"},
        "best_trl": best,
        "ratio": median_ratio(rates["pixel"], rates[best], seed) if best else None,
        "lengths": {
            "conversations": len(lengths),
            "mean": mean(lengths),
            "deciles": quantiles(lengths, n=10),
            "most": max(lengths),
        },
        "lora_rank": lora_rank,
        "rounds": rounds,
        "model": model,
        **shape,
    }
