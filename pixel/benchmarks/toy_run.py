"""Runs of weightings and schedules on the two-objective toy, and the table of who reaches the Pareto set."""

from collections.abc import Callable, Iterable, Sequence
from math import hypot, sqrt

from pixel.benchmarks.toy_problem import BOUND, STARTS_A, STARTS_B, Point, distance_to_pareto, objectives
from pixel.benchmarks.two_objectives import CLOSED_FORMS, two_weights
from pixel.metrics.table import markdown
from pixel.training.arguments import SettingError

SETTINGS = {"A": (STARTS_A, 100_000, 1.0), "B": (STARTS_B, 50_000, 0.1)}
"""Starts, steps, and what multiplies f1."""
REACHED = 0.1
"""How near the Pareto set a run must end."""
SCHEDULES = ("dwa", "uncertainty", "gradnorm", "famo")
"""The schedules that answer to what happens. Of the rest `pareto` is `mgda` at a high price, the others are clocks."""

Weigh = Callable[[Point, float, float, float], Point]


def weigher(name: str, steps: int, scale: float = 1.0, library: bool = False) -> Weigh:
    """
    How a method chooses its weights.

    Args:
        name (`str`): a weighting, or one of `pixel.balancing.schedules.SCHEDULES`.
        steps (`int`): length of the run, for schedules.
        scale (`float`): what multiplies f1: schedules get losses made positive by their known lower bounds.
        library (`bool`): solve with `GramWeighting` where a closed form would do (a hundred times slower).

    Returns:
        a function from the values and |g1|**2, g1 . g2, |g2|**2 to two weights.

    Raises:
        ValueError: unknown name.
    """
    if name in CLOSED_FORMS and not library:
        return lambda f, a, b, c: two_weights(name, a, b, c)
    import torch

    from pixel.balancing.weighting import WEIGHTINGS, GramWeighting

    if name in WEIGHTINGS:
        weighting = GramWeighting(name, 2)
        return lambda f, a, b, c: tuple(weighting(torch.tensor([[a, b], [b, c]], dtype=torch.float64)).tolist())
    from pixel.balancing.schedules import SCHEDULES

    if name not in SCHEDULES:
        raise ValueError(f"unknown method {name!r}; the names are {', '.join([*WEIGHTINGS, *SCHEDULES])}")
    schedule, step = SCHEDULES[name](("f1", "f2"), steps), 0

    def weigh(f: Point, a: float, b: float, c: float) -> Point:
        nonlocal step
        weights = tuple(schedule.weights(step).tolist())
        gram = torch.tensor([[a, b], [b, c]], dtype=torch.float64) if schedule.wants_gram else None
        losses = torch.tensor([f[0] + scale * BOUND, f[1] + BOUND], dtype=torch.float64)
        schedule.observe(step, losses, gram)
        step += 1
        return weights

    return weigh


def descend(weigh: Weigh, start: Point, steps: int, scale: float = 1.0, lr: float = 1e-3, every: int = 250) -> dict:
    """
    Adam on the weighted sum, until the steps are over or it has stood still on the Pareto set for 5,000 steps.

    (Elsewhere a long halt means nothing: Adam crawls where gradients have suddenly become small, and goes on.)

    Args:
        weigh: see [`weigher`].
        start, steps, scale, lr: the run.
        every (`int`): how often the path is kept.

    Returns:
        `dict`: `path` (list of points), `end`, `values`, `distance` to the Pareto set, `reached`, and `arrived`: the
        kept step from which on the run was never again further than [`REACHED`], or `None`.
    """
    x1, x2 = start
    m1 = m2 = v1 = v2 = 0.0
    decay1 = decay2 = 1.0
    path, still = [start], max(5000 // every, 1)
    for step in range(steps):
        f, (p1, p2), (q1, q2) = objectives((x1, x2), scale)
        one, two = weigh(f, p1 * p1 + p2 * p2, p1 * q1 + p2 * q2, q1 * q1 + q2 * q2)
        g1, g2 = one * p1 + two * q1, one * p2 + two * q2
        m1, m2 = 0.9 * m1 + 0.1 * g1, 0.9 * m2 + 0.1 * g2
        v1, v2 = 0.999 * v1 + 0.001 * g1 * g1, 0.999 * v2 + 0.001 * g2 * g2
        decay1, decay2 = decay1 * 0.9, decay2 * 0.999
        size, root = lr / (1 - decay1), sqrt(1 - decay2)
        x1 -= size * m1 / (sqrt(v1) / root + 1e-8)
        x2 -= size * m2 / (sqrt(v2) / root + 1e-8)
        if (step + 1) % every == 0 or step + 1 == steps:
            path.append((x1, x2))
            far = hypot(x1 - path[-1 - still][0], x2 - path[-1 - still][1]) if len(path) > still else 1.0
            if far < 1e-7 and distance_to_pareto((x1, x2)) <= REACHED:
                break
    outside = [i for i, point in enumerate(path) if distance_to_pareto(point) > REACHED]
    reached = not outside or outside[-1] < len(path) - 1
    return {
        "start": list(start),
        "path": [[round(x, 4) for x in point] for point in path],
        "end": [x1, x2],
        "values": list(objectives((x1, x2), scale)[0]),
        "distance": distance_to_pareto((x1, x2)),
        "reached": reached,
        "arrived": min((outside[-1] + 1) * every if outside else 0, steps) if reached else None,
    }


def toy(
    names: Sequence[str],
    settings: Sequence[str] = ("A", "B"),
    fraction: float = 1.0,
    progress: Callable[[Iterable], Iterable] | None = None,
    earlier: dict | None = None,
) -> dict:
    """
    Every method from every start.

    Args:
        names: weightings and schedules; a schedule that is not there is left out and named under `missing`.
        settings: of [`SETTINGS`].
        fraction (`float`): of the steps, for a trial.
        progress: wraps the list of runs, e.g. `tqdm`.
        earlier (`dict` or `None`): the answer of an earlier call, to be added to; what it holds is not run again.

    Returns:
        `dict`: JSON-able; `runs[setting][name]` is a list of [`descend`]'s answers.

    Raises:
        ValueError: unknown name, or the earlier answer had other steps.
    """
    steps = {setting: max(int(length * fraction), 1) for setting, (_, length, _) in SETTINGS.items()}
    if earlier and earlier["steps"] != steps:
        raise SettingError("the earlier study had other steps: resume with the same, or write elsewhere")
    runs: dict = {setting: {} for setting in settings} | (earlier or {}).get("runs", {})
    cells = [(setting, name) for setting in settings for name in names if name not in runs.get(setting, {})]
    jobs = [(setting, name, start) for setting, name in cells for start in SETTINGS[setting][0]]
    missing = set()
    for setting, name, start in progress(jobs) if progress else jobs:
        scale = SETTINGS[setting][2]
        try:
            weigh = weigher(name, steps[setting], scale)
        except ImportError:
            missing.add(name)
            continue
        runs.setdefault(setting, {}).setdefault(name, []).append(descend(weigh, start, steps[setting], scale))
    return {"steps": steps, "runs": runs, "missing": sorted(missing)}


def toy_markdown(result: dict) -> str:
    """A row for each method: how many starts reach the Pareto set in each setting, and where the runs end."""
    parts = []
    for setting, runs in result["runs"].items():
        starts = [f"from ({x[0]:g}, {x[1]:g})" for x in SETTINGS[setting][0]]
        rows = []
        for name, found in runs.items():
            ends = [f"{'' if r['reached'] else 'x '}({r['end'][0]:.2f}, {r['end'][1]:.2f})" for r in found]
            rows.append([name, f"{sum(r['reached'] for r in found)}/{len(found)}", *ends])
        note = "" if SETTINGS[setting][2] == 1.0 else f", f1 times {SETTINGS[setting][2]}"
        head = f"Starts {setting}, {result['steps'][setting]:,} steps{note} (x: did not reach the Pareto set)"
        parts.append(f"{head}\n\n{markdown(['method', 'reached', *starts], rows)}")
    return "\n".join(parts)
