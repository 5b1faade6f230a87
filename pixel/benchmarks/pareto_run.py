"""What trade-offs each weighting and schedule reaches where the front is known, beside TorchJD run directly."""

from collections.abc import Callable, Iterable, Sequence
from time import perf_counter

import numpy as np
import torch
from scipy.stats import t as student

from pixel.balancing.schedules import SCHEDULES
from pixel.balancing.weighting import WEIGHTINGS, GramWeighting
from pixel.benchmarks.pareto_problem import Front, QuadraticProblem, simplex
from pixel.benchmarks.torchjd_peer import PEERS, peer_descend
from pixel.benchmarks.two_objectives import CLOSED_FORMS, two_weights
from pixel.metrics.table import markdown
from pixel.training.arguments import SettingError

PRIORITIES = ("upgrad", "alignedmtl", "dualproj", "pcd")
"""Weightings that can also be given the preference itself, as priorities."""
METHODS = (
    *WEIGHTINGS,
    "sum+scales",
    *(f"{name}+priorities" for name in PRIORITIES),
    *(f"schedule:{name}" for name in SCHEDULES),
    *(f"torchjd:{name}" for name in PEERS),
)
"""
A weighting, one given priorities, a schedule under the plain sum, or TorchJD's own backward pass. `sum+scales` knows
what no run knows before it is over: it divides each loss by its scale, as well-tuned fixed weights would.
"""
PARTS = {2: 8, 3: 5}
"""Preferences are all multiples of 1/8 (1/5) above 0 that sum to 1: 7 for two objectives, 6 for three."""


def descend(
    name: str, problem: QuadraticProblem, preference: np.ndarray, index: int, steps: int, lr: float = 0.1
) -> np.ndarray:
    """
    One run of Adam with noisy gradients and a learning rate that falls linearly to 0.

    Args:
        name (`str`): one of [`METHODS`], not of TorchJD's.
        problem, steps, lr: the run.
        preference (`np.ndarray`): `[k]`, sums to 1; k times it multiplies the losses (or becomes the priorities).
        index (`int`): of the start and the noise.

    Returns:
        `np.ndarray`: the point reached, `[dimensions]`.
    """
    k, x = problem.k, problem.start(index)
    noise = np.random.default_rng([problem.seed, index, 1])
    name, _, route = name.partition("+")
    asked = k * preference / (problem.scales if route == "scales" else 1.0)
    kind, _, schedule_name = name.rpartition(":")
    schedule = SCHEDULES[schedule_name]([f"f{i}" for i in range(k)], steps) if kind else None
    priorities = torch.from_numpy(asked) if route == "priorities" else None
    weighting = GramWeighting("sum" if kind else name, k, priorities)
    closed = k == 2 and not kind and not route and name in CLOSED_FORMS  # the same answers, faster
    asked = np.ones(k) if priorities is not None else asked
    first, second = np.zeros_like(x), np.zeros_like(x)
    for step in range(steps):
        losses, gradients = problem.values_and_gradients(x, noise.normal(size=problem.minima.shape))
        losses, gradients = losses * asked, gradients * asked[:, None]
        if schedule is not None:
            weights = schedule.weights(step).numpy()
            gram = torch.from_numpy(gradients @ gradients.T) if schedule.wants_gram else None
            schedule.observe(step, torch.from_numpy(losses), gram)
        elif closed:
            gram = gradients @ gradients.T
            weights = np.array(two_weights(name, gram[0, 0], gram[0, 1], gram[1, 1]))
        else:
            weights = weighting(torch.from_numpy(gradients @ gradients.T), seed=step).numpy()
        update = weights @ gradients
        first, second = 0.9 * first + 0.1 * update, 0.999 * second + 0.001 * update**2
        size = lr * (1 - step / steps) / (1 - 0.9 ** (step + 1))
        x = x - size * first / (np.sqrt(second / (1 - 0.999 ** (step + 1))) + 1e-8)
    return x


def pareto(
    names: Sequence[str],
    seeds: int = 5,
    steps: int = 150,
    objectives: Sequence[int] = (2, 3),
    bends: Sequence[float] = (0.0, 20.0),
    seed: int = 0,
    progress: Callable[[Iterable], Iterable] | None = None,
    earlier: dict | None = None,
) -> dict:
    """
    Every method on every problem.

    Args:
        names: of [`METHODS`].
        seeds (`int`): how many problems of each kind; starts and noise go with them.
        steps (`int`): of each run.
        objectives: numbers of objectives, of [`PARTS`].
        bends: see [`QuadraticProblem`].
        seed (`int`): the first seed.
        progress: wraps the list of jobs, e.g. `tqdm`.
        earlier (`dict` or `None`): the answer of an earlier call, to be added to; what it holds is not run again.

    Returns:
        `dict`: JSON-able; `problems[kind][name]` holds `covered` and `gap` of each seed, `points` (scaled objectives
        of the first seed's runs) and `milliseconds` a step; `missing` names methods whose solver is not installed.

    Raises:
        ValueError: unknown name, or the earlier answer had other seeds or steps.
        ImportError: moocore is missing.
    """
    if unknown := [name for name in names if name not in METHODS]:
        raise ValueError(f"unknown methods {', '.join(unknown)}; the names are {', '.join(METHODS)}")
    kinds = {f"{k} objectives, {'bent' if bend else 'convex'} front": (k, bend) for bend in bends for k in objectives}
    made = {kind: [_problem(k, bend, s) for s in range(seed, seed + seeds)] for kind, (k, bend) in kinds.items()}
    same = {"first_seed": seed, "seeds": seeds, "steps": steps}
    if earlier and {key: earlier[key] for key in same} != same:
        raise SettingError("the earlier study had other seeds or steps: resume with the same, or write elsewhere")
    result = same | {"problems": {}, "front": {}} | (earlier or {}) | {"missing": []}
    for kind, fronts in made.items():
        result["problems"].setdefault(kind, {})
        result["front"][kind] = np.round(fronts[0].points[:: max(len(fronts[0].points) // 200, 1)], 4).tolist()
    jobs = [(kind, name) for kind in kinds for name in names if name not in result["problems"][kind]]
    for kind, name in progress(jobs) if progress else jobs:
        covered, gaps, shown, began = [], [], None, perf_counter()
        preferences = simplex(kinds[kind][0], PARTS[kinds[kind][0]], least=1) / PARTS[kinds[kind][0]]
        run = peer_descend if name.startswith("torchjd:") else descend
        try:
            for front in made[kind]:
                ends = np.stack([run(name, front.problem, p, i, steps) for i, p in enumerate(preferences)])
                covered.append(front.covered(ends))
                gaps.append(front.gap(ends))
                shown = np.round(front.scaled(ends), 4).tolist() if shown is None else shown
        except ImportError:
            result["missing"] = sorted({*result["missing"], name})
            continue
        spent = 1e3 * (perf_counter() - began) / (seeds * len(preferences) * steps)
        entry = {"covered": covered, "gap": gaps, "points": shown, "milliseconds": spent}
        result["problems"][kind][name] = entry
    return result


def _problem(k: int, bend: float, seed: int) -> Front:
    return Front(QuadraticProblem(k, seed=seed, bend=bend))


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Mean and half width of its 95 percent interval by Student's t; the width is NaN for one value."""
    if len(values) < 2:
        return float(np.mean(values)), float("nan")
    error = np.std(values, ddof=1) / len(values) ** 0.5
    return float(np.mean(values)), float(student.ppf(0.975, len(values) - 1) * error)


def pareto_markdown(result: dict) -> str:
    """A table for each measure, a row a method (in the order of [`METHODS`]), a column a kind of problem."""
    problems = result["problems"]
    names = [name for name in METHODS if any(name in runs for runs in problems.values())]
    parts = []
    for what, measure in MEASURES.items():
        rows = []
        for name in names:
            cells = [measure(runs[name], runs.get("sum")) if name in runs else None for runs in problems.values()]
            rows.append([name, *(None if c is None else "{:.3f} ± {:.3f}".format(*interval(c)) for c in cells)])
        note = f"{what}; {result['seeds']} seeds, mean and 95% interval"
        parts.append(f"{note}\n\n{markdown(['method', *problems], rows)}")
    return "\n".join(parts)


def _over_the_sum(cell: dict, plain: dict | None) -> list[float] | None:
    return [a - b for a, b in zip(cell["covered"], plain["covered"], strict=True)] if plain else None


MEASURES = {
    "Share of the front's hypervolume that is covered (more is better)": lambda cell, plain: cell["covered"],
    "The same less the plain sum's on the same seeds": _over_the_sum,
    "Mean gap to the front (less is better)": lambda cell, plain: cell["gap"],
}
