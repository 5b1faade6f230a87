"""Does the comparison of versions find what is planted, and does it stay quiet where there is nothing?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtri
from scipy.stats import binomtest
from tqdm.auto import tqdm

from pixel.evaluation.comparison.trend import PENALTY, jumps
from pixel.evaluation.comparison.version import Version
from pixel.evaluation.comparison.versions import Comparison, compare_versions
from pixel.metrics.table import markdown

TASKS = 20
BASE = 0.6
"""Accuracy of the baseline on every simulated task."""
SHARES = {"item": 0.5, "group": 0.15, "version by group": 0.05, "version by item": 0.3}
"""Of the latent variance. The first two are common to both versions: their answers to an item correlate .65."""
GROUP_SIZES = (1, 4, 10)


def simulated_pair(
    generator: np.random.Generator, sizes: Sequence[int], group_sizes: Sequence[int], effects: Sequence[float]
) -> tuple[Version, Version]:
    """
    Two versions that answered the same items.

    An item is solved where a normal latent variable (difficulty of item and group, and how this version takes to the
    group and the item) is above 0. Every second task scores graded answers 0-10 instead of right and wrong.

    Args:
        generator: of the draws.
        sizes, group_sizes: items of each task, and how many share a conversation.
        effects: rise in accuracy of the second version; on graded tasks the same rise of the latent mean.

    Returns:
        baseline and candidate.
    """
    versions: tuple[dict, dict] = ({}, {})
    for task, (size, group_size, effect) in enumerate(zip(sizes, group_sizes, effects, strict=True)):
        groups = np.arange(size) // group_size
        shared = _noise(generator, "item", size) + _noise(generator, "group", groups[-1] + 1)[groups]
        for version, rise in zip(versions, (0.0, effect), strict=True):
            own = _noise(generator, "version by item", size)
            own = own + _noise(generator, "version by group", groups[-1] + 1)[groups]
            latent = shared + own + ndtri(BASE + rise)
            value = np.clip(np.round(5 + 2 * latent), 0, 10) if task % 2 else (latent > 0).astype(float)
            version[f"task {task:02}", "score"] = {
                str(item): (float(value[item]), str(groups[item])) for item in range(size)
            }
    return tuple(
        Version(
            name,
            Path(),
            {},
            {
                key: {"value": float(np.mean([v for v, _ in lines.values()])), "higher_is_better": True}
                for key, lines in items.items()
            },
            items,
        )
        for name, items in zip(("before", "after"), versions, strict=True)
    )


def _noise(generator: np.random.Generator, kind: str, size: int) -> np.ndarray:
    return generator.normal(scale=SHARES[kind] ** 0.5, size=size)


def comparison_power(
    pairs: int = 200,
    sizes: Sequence[int] = (100, 300, 1000),
    effects: Sequence[float] = (0.03, 0.06, 0.12),
    nulls: int = 100,
    seed: int = 0,
    rounds: int = 500,
) -> dict[str, Any]:
    """
    Power and false alarms of `compare_versions` at its defaults, on 20 tasks at a time.

    Args:
        pairs: simulated comparisons of each size and effect. One accuracy task and one graded task gained `effect`,
            one of each lost it, 16 did not change; conversations of four items.
        sizes, effects: items of every task; rises in accuracy.
        nulls: comparisons in which nothing changed; tasks of 60 to 600 items, conversations of 1, 4 or 10.
        seed: of the draws.
        rounds: simulated series of versions for each length and size of a jump.

    Returns:
        `power`: for each size and effect `improved`, `regressed` (share found, exact 95% interval, over both kinds of
        task), `wrong way` (planted, but flagged the other way) and `false` (comparisons with a flag on an unchanged
        task); `nulls`: the family-wise false-alarm rate; `jumps`: of the change points over versions.
    """
    power = []
    for size in sizes:
        for effect in effects:
            found = {"improved": 0, "regressed": 0, "wrong way": 0, "false": 0}
            planted = [effect, effect, -effect, -effect] + [0.0] * (TASKS - 4)
            for number in tqdm(range(pairs), desc=f"{size} items, {effect:.0%}", leave=False, disable=None):
                generator = np.random.default_rng([seed, size, round(1000 * effect), number])
                result = _compare(generator, [size] * TASKS, [4] * TASKS, planted, number)
                verdicts = {change.task: change.verdict for change in result.changes}
                first = [verdicts[f"task {task:02}"] for task in range(4)]
                found["improved"] += first[:2].count("improved")
                found["regressed"] += first[2:].count("regressed")
                found["wrong way"] += first[:2].count("regressed") + first[2:].count("improved")
                found["false"] += any(verdicts[f"task {task:02}"] != "not shown" for task in range(4, TASKS))
            counts = {name: _rate(count, pairs if name == "false" else 2 * pairs) for name, count in found.items()}
            counts["wrong way"] = _rate(found["wrong way"], 4 * pairs)
            power.append({"items": size, "groups": -(-size // 4), "effect": effect} | counts)
    alarms = flags = covered = 0
    for number in tqdm(range(nulls), desc="nothing changed", leave=False, disable=None):
        generator = np.random.default_rng([seed, 1, number])
        chosen = [generator.integers(60, 601, TASKS), generator.choice(GROUP_SIZES, TASKS)]
        result = _compare(generator, *chosen, [0.0] * TASKS, number)
        wrong = sum(change.verdict != "not shown" for change in result.changes)
        alarms, flags = alarms + bool(wrong), flags + wrong
        covered += sum(change.low <= 0 <= change.high for change in result.changes)
    return {
        "pairs": pairs,
        "power": power,
        "nulls": {"alarms": _rate(alarms, nulls), "flags": flags, "covered": _rate(covered, nulls * TASKS)},
        "jumps": [_jumps(versions, size, seed, rounds) for versions in (6, 12, 24) for size in (0.0, 2.0, 4.0)],
    }


def _compare(generator, sizes, group_sizes, effects, number: int) -> Comparison:
    before, after = simulated_pair(generator, sizes, group_sizes, effects)
    return compare_versions(before, [after], seed=number)


def _rate(count: int, total: int) -> dict[str, float]:
    interval = binomtest(count, total).proportion_ci()
    return {"rate": count / total, "low": float(interval.low), "high": float(interval.high), "n": total}


def _jumps(versions: int, size: float, seed: int, rounds: int) -> dict[str, Any]:
    """Series of noise 1 with one jump of `size` in the middle: how often any, and how often that one, is found."""
    found = right = 0
    for number in range(rounds):
        series = np.random.default_rng([seed, 2, versions, number]).normal(size=versions)
        series[versions // 2 :] += size
        at = [index for index, _, _ in jumps(series, PENALTY * np.log(versions))]
        found, right = found + bool(at), right + (at == [versions // 2])
    return {"versions": versions, "jump": size, "any": _rate(found, rounds), "exactly there": _rate(right, rounds)}


def power_markdown(result: dict[str, Any]) -> str:
    """The tables."""

    def cell(rate: dict[str, float]) -> str:
        return f"{rate['rate']:.3f} ({rate['low']:.3f}-{rate['high']:.3f})"

    names = ("improved", "regressed", "wrong way", "false")
    rows = [
        [r["items"], r["groups"], f"{r['effect']:.0%}", *(cell(r[name]) for name in names)] for r in result["power"]
    ]
    head = ["items a task", "groups", "planted", "gain found", "loss found", "wrong way", "any false flag"]
    nulls = result["nulls"]
    jumped = [[r["versions"], r["jump"], cell(r["any"]), cell(r["exactly there"])] for r in result["jumps"]]
    return (
        f"{markdown(head, rows)}\n{nulls['alarms']['n']} comparisons of {TASKS} tasks in which nothing changed: any "
        f"flag in {cell(nulls['alarms'])}, {nulls['flags']} flags in all; the 95% intervals held 0 in "
        f"{cell(nulls['covered'])}.\n\n{markdown(['versions', 'jump / noise', 'any jump', 'exactly there'], jumped)}"
    )
