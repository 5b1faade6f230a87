"""Candidates beside a baseline: every metric tested, all tests corrected together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pixel.data.errors import ConversationError
from pixel.evaluation.comparison.change import Change, compare_items, compare_rows, judged
from pixel.evaluation.comparison.correction import benjamini_hochberg, holm
from pixel.evaluation.comparison.pairing import pair_items
from pixel.evaluation.comparison.sign_flip import smallest_p
from pixel.evaluation.comparison.version import Key, Version

ITEMS = " (items)"
LEAST_FLIPS, MOST_FLIPS = 10_000, 100_000


@dataclass(frozen=True)
class Comparison:
    """
    What a comparison found.

    Attributes:
        baseline, candidates: names, in order.
        changes: one a candidate and metric.
        alpha: chance of any false flag among `tests` tests.
        tests: how many were made.
        missing: tasks and metrics that only one of two versions has, in words.
        notes: what to keep in mind.
    """

    baseline: str
    candidates: list[str]
    changes: list[Change]
    alpha: float
    tests: int
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def regressions(self) -> list[Change]:
        """Flagged as worse."""
        return [change for change in self.changes if change.verdict == "regressed"]

    @property
    def improvements(self) -> list[Change]:
        """Flagged as better."""
        return [change for change in self.changes if change.verdict == "improved"]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        counts: dict[str, int] = {}
        for change in self.changes:
            counts[change.verdict] = counts.get(change.verdict, 0) + 1
        return {
            "baseline": self.baseline,
            "candidates": self.candidates,
            "alpha": self.alpha,
            "tests": self.tests,
            "verdicts": counts,
            "changes": [change.as_dict() for change in self.changes],
            "missing": self.missing,
            "notes": self.notes,
        }


def compare_versions(
    baseline: Version, candidates: Sequence[Version], *, alpha: float = 0.05, least: float = 0.0, seed: int = 0
) -> Comparison:
    """
    Test every metric that a candidate shares with the baseline.

    Args:
        baseline: the version to hold the others against.
        candidates: at least one, with names that differ.
        alpha: chance of any false flag in the whole comparison, in (0, 1).
        least: smallest difference that is flagged, in a metric's own unit.
        seed: of the draws.

    Returns:
        [`Comparison`]. The family of tests is all candidates times all metrics: Holm covers them together.

    Raises:
        ConversationError: no candidate, or two versions of the same name.
    """
    names = [version.name for version in (baseline, *candidates)]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ConversationError(f"versions need names that differ, got {names}", mend="rename a folder, or name two")
    planned = [(version, key) for version in candidates for key in _keys(baseline, version)]
    flips = int(np.clip(10 * max(len(planned), 1) / alpha, LEAST_FLIPS, MOST_FLIPS))
    changes = [
        change for version, key in planned for change in _changes(baseline, version, key, seed=seed, flips=flips)
    ]
    tested = [number for number, change in enumerate(changes) if change.p is not None]
    p = [changes[number].p for number in tested]
    for number, adjusted, false_share in zip(tested, holm(p), benjamini_hochberg(p), strict=True):
        changes[number] = judged(changes[number], float(adjusted), float(false_share), alpha, least)
    return Comparison(
        baseline=baseline.name,
        candidates=names[1:],
        changes=changes,
        alpha=alpha,
        tests=len(tested),
        missing=[line for version in candidates for line in _missing(baseline, version)],
        notes=_notes(baseline, candidates, changes, alpha, len(tested), flips),
    )


def _keys(baseline: Version, version: Version) -> list[Key]:
    return sorted((baseline.rows.keys() | baseline.items.keys()) & (version.rows.keys() | version.items.keys()))


def _changes(baseline: Version, version: Version, key: Key, *, seed: int, flips: int) -> Iterable[Change]:
    """One change of a metric; two where its items are not what its value is the mean of."""
    rows = [one.rows.get(key) for one in (baseline, version)]
    items = [one.items.get(key) for one in (baseline, version)]
    better = next((row["higher_is_better"] for row in rows if row and row.get("higher_is_better") is not None), None)
    empty = Change(version.name, *key, higher_is_better=better)
    scale = _scale(rows, items) if all(items) else None
    if all(items):
        other = replace(empty, metric=key[1] + ITEMS)
        named = empty if scale or not all(rows) else other
        yield compare_items(named, pair_items(*items), scale=scale or 1.0, seed=seed, flips=flips)
    if all(rows) and not scale:
        yield compare_rows(empty, *rows)


def _scale(rows: Sequence[dict | None], items: Sequence[dict]) -> float | None:
    """What both rows' values are of the mean of their items, where that is one and the same number."""
    if not all(rows) or any(row.get("value") is None for row in rows):
        return None
    means = [float(np.mean([value for value, _ in one.values()])) for one in items]
    if all(abs(row["value"] - mean) <= 1e-6 * max(1.0, abs(mean)) for row, mean in zip(rows, means, strict=True)):
        return 1.0
    if any(abs(mean) < 1e-9 or row["value"] == 0 for row, mean in zip(rows, means, strict=True)):
        return None
    ratios = [row["value"] / mean for row, mean in zip(rows, means, strict=True)]
    same = abs(ratios[0] - ratios[1]) <= 1e-6 * abs(ratios[0]) and ratios[0] > 0
    return round(ratios[0], 9) if same else None


def _missing(baseline: Version, version: Version) -> list[str]:
    skipped = [
        {line["task"]: line.get("reason") for line in one.results.get("skipped") or []} for one in (baseline, version)
    ]
    lines = []
    for here, there, reasons in ((baseline, version, skipped[1]), (version, baseline, skipped[0])):
        alone = (here.rows.keys() | here.items.keys()) - (there.rows.keys() | there.items.keys())
        for task, metric in sorted(alone):
            why = f" ({reasons[task]})" if reasons.get(task) else ""
            lines.append(f"{task} {metric}: in {here.name}, not in {there.name}{why}")
    return lines


def _notes(
    baseline: Version, candidates: Sequence[Version], changes: Sequence[Change], alpha: float, tests: int, flips: int
) -> list[str]:
    notes = []
    repeats = sum(sum(version.repeats.values()) for version in (baseline, *candidates))
    if repeats:
        notes.append(f"{repeats} lines repeated an item of the same metric; such an item has the mean of its values.")
    weak = [c for c in changes if c.method == "paired items" and smallest_p(c.groups, flips) * tests > alpha]
    if weak:
        notes.append(
            f"{len(weak)} of {tests} tests have too few groups to be flagged among so many tests, whatever their "
            "items say: more groups, or fewer tasks in one comparison."
        )
    lost = sum(len(change.only_before) + len(change.only_after) for change in changes)
    if lost:
        notes.append(f"{lost} items have no partner and were left out of the tests; they are named with their metric.")
    return notes
