"""What each weighting costs at the fork: a training step with it over one with the plain sum."""

from statistics import median
from typing import Any

import torch
from tqdm.auto import tqdm

from pixel.balancing import WEIGHTINGS, Balancer, Fork
from pixel.benchmarks.clock import clock
from pixel.benchmarks.conversations import batches_of, labelled_examples, tokens_in
from pixel.benchmarks.stepping import Stepper, build_trainer, device_name, model_arguments
from pixel.metrics.table import markdown
from pixel.models.labels import OBJECTIVES
from pixel.training.loading import load_pixel

PLAIN = "sum"


class TimedBalancer(Balancer):
    """A balancer that adds up the seconds it spends in backward passes: all-reduce, smoothing and solving."""

    spent = 0.0

    def in_backward(self, gram):
        """As [`Balancer`]."""
        started = clock()
        weights = super().in_backward(gram)
        self.spent += clock() - started
        return weights


def aggregator_time(
    model: str,
    rounds: int = 6,
    batch_size: int = 2,
    length: int = 256,
    warm_up: int = 1,
    seed: int = 0,
    weightings: tuple[str, ...] = WEIGHTINGS,
) -> dict[str, Any]:
    """
    Steps of one trainer whose balancer is exchanged: each round takes one batch, and every weighting learns from it.

    Timing `immediate`, so that every step solves. Each round starts with the next weighting, and the plain sum runs
    twice in it, first and in the middle; their mean is what the others are divided by, and the ratio of the two shows
    the noise. Times are `clock`'s.

    Args:
        model: Hub id, folder, `embedded:smollm2` or `tiny:llama`.
        rounds: measured steps of each weighting.
        batch_size: rows a batch.
        length: tokens a row at most.
        warm_up: rounds before the measurement.
        seed: of batches and random weights.
        weightings: names of `WEIGHTINGS`; those that are not installed are left out and named.

    Returns:
        `ratio`: name -> `median` of the ratios of the rounds, its 95 percent bootstrap interval `low`, `high`, and
        `milliseconds` in the balancer (median); `step_seconds` of the plain sum; `noise` as an entry of
        `ratio`; `missing`.
    """
    arguments = model_arguments(model)
    tokenizer, _ = load_pixel(arguments)
    examples = labelled_examples(tokenizer, length, batch_size * (rounds + warm_up), seed)
    batches = batches_of(examples, batch_size, rounds + warm_up)
    stepper = Stepper(build_trainer(PLAIN, arguments, examples, batch_size, length, seed))
    balancers, missing = {}, []
    for name in weightings:
        try:
            balancers[name] = TimedBalancer(OBJECTIVES, name)
        except ImportError:
            missing.append(name)
    others = [name for name in balancers if name != PLAIN]
    taken = {name: [] for name in (*others, "plain", "again")}
    solving = {name: [] for name in others}
    bar = tqdm(total=len(batches) * len(taken), desc="Training steps")
    for number, batch in enumerate(batches):
        first = number % len(others)
        turns = others[first:] + others[:first]
        half = len(turns) // 2
        for name in ("plain", *turns[:half], "again", *turns[half:]):
            balancer = balancers[name] if name in solving else Balancer(OBJECTIVES, PLAIN)
            stepper.trainer.balancer, stepper.trainer.pixel.fork = balancer, Fork(balancer)
            before = getattr(balancer, "spent", 0.0)
            started = clock()
            stepper.step(batch)
            taken[name].append(clock() - started)
            if name in solving:
                solving[name].append(1000 * (balancer.spent - before))
            bar.update()
    bar.close()
    taken = {name: seconds[warm_up:] for name, seconds in taken.items()}
    plain = [(a + b) / 2 for a, b in zip(taken["plain"], taken["again"], strict=True)]
    ratio = {}
    for name in others:
        ratio[name] = _interval([a / b for a, b in zip(taken[name], plain, strict=True)], seed)
        ratio[name]["milliseconds"] = median(solving[name][warm_up:])
    ratio["noise"] = _interval([b / a for a, b in zip(taken["plain"], taken["again"], strict=True)], seed)
    return {
        "ratio": ratio,
        "step_seconds": median(plain),
        "missing": missing,
        "tokens": median(tokens_in(batch) for batch in batches[warm_up:]),
        "rounds": rounds,
        "device": device_name(),
        "model": model,
    }


def _interval(ratios: list[float], seed: int, draws: int = 2000) -> dict[str, float]:
    """Median and its 95 percent bootstrap interval."""
    values = torch.tensor(ratios, dtype=torch.float64)
    picks = torch.randint(len(values), (draws, len(values)), generator=torch.Generator().manual_seed(seed))
    low, high = values[picks].quantile(0.5, dim=1).quantile(torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
    return {"median": values.quantile(0.5).item(), "low": low, "high": high}


def aggregator_markdown(result: dict[str, Any]) -> str:
    """A row a weighting, the cheapest first; last, the plain sum over itself."""
    rows = sorted((entry["milliseconds"], name) for name, entry in result["ratio"].items() if name != "noise")
    step = 1000 * result["step_seconds"]
    table = [
        [name, *(result["ratio"][name][key] for key in ("median", "low", "high")), spent, 1 + spent / step]
        for spent, name in rows
    ]
    noise = result["ratio"]["noise"]
    table.append(["the plain sum over itself", noise["median"], noise["low"], noise["high"], None, None])
    header = ["weighting", "step over the plain sum", "low", "high", "ms in the balancer", "1 + ms / step"]
    return markdown(header, table)
