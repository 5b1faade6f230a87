"""One metric of two versions: what changed, how sure that is, and by which road it was tested."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from pixel.evaluation.comparison.effect import effect_size
from pixel.evaluation.comparison.paired_bootstrap import paired_interval
from pixel.evaluation.comparison.pairing import Pairs
from pixel.evaluation.comparison.sign_flip import EXACT_GROUPS, sign_flip, smallest_p

Method = Literal["paired items", "intervals", "none"]
Verdict = Literal["improved", "regressed", "changed", "not shown", "not tested"]
SHOWN_IDS = 10


@dataclass(frozen=True)
class Change:
    """
    One metric in two versions.

    Attributes:
        candidate: name of the later version.
        task, metric: `metric` ends in " (items)" where the items are not what the row's value is the mean of.
        method: `paired items` (bootstrap and sign flips by group), `intervals` (the two rows' own intervals: the
            metric is no mean of items), or `none`.
        before, after, difference, low, high: in the metric's unit; the interval is of this one difference, 95%, not
            corrected for many tests. With `paired items` all five are over the pairs alone.
        p: of this test alone; p_holm, p_bh: among all tests of the comparison.
        test: `exact`, `permutation` or `normal`.
        standardised, higher, lower, same: see `effect.Effect`.
        n, groups: pairs, and groups among them.
        only_before, only_after: ids of items without a partner.
        higher_is_better: `None` where nobody said; such a metric can only be `changed`.
        verdict: `improved`, `regressed` or `changed` only where p_holm is at most alpha; `not shown` is not "equal".
        reason: why there is no test, or what to keep in mind.
        most_changed: ids and differences of the items that moved most.
    """

    candidate: str
    task: str
    metric: str
    method: Method = "none"
    before: float | None = None
    after: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_holm: float | None = None
    p_bh: float | None = None
    test: str | None = None
    standardised: float | None = None
    higher: float | None = None
    lower: float | None = None
    same: float | None = None
    n: int = 0
    groups: int = 0
    only_before: list[str] = field(default_factory=list)
    only_after: list[str] = field(default_factory=list)
    higher_is_better: bool | None = None
    verdict: Verdict = "not tested"
    reason: str | None = None
    most_changed: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def compare_items(empty: Change, pairs: Pairs, *, scale: float = 1.0, seed: int = 0, flips: int = 10_000) -> Change:
    """
    Test paired items.

    Args:
        empty: names and direction.
        pairs: of both versions.
        scale: what the mean of the items is multiplied by to give the row's value (EQ-Bench: 10).
        seed: of the draws.
        flips: draws of the permutation test.

    Returns:
        [`Change`] without a verdict; without a test where fewer than two groups are shared.
    """
    empty = replace(empty, only_before=pairs.only_before, only_after=pairs.only_after, n=len(pairs.ids))
    if not pairs.ids:
        return replace(empty, reason="the two versions share no item")
    sums, counts = pairs.group_sums()
    effect, differences = effect_size(pairs.differences), scale * pairs.differences
    interval = paired_interval(scale * sums, counts, seed=seed)
    order = sorted(range(len(pairs.ids)), key=lambda i: (-abs(differences[i]), pairs.ids[i]))[:SHOWN_IDS]
    change = replace(
        empty,
        before=scale * float(pairs.before.mean()),
        after=scale * float(pairs.after.mean()),
        difference=float(differences.mean()),
        groups=len(sums),
        **effect._asdict(),
        most_changed=[{"id": pairs.ids[i], "difference": float(differences[i])} for i in order if differences[i]],
    )
    if interval is None:
        return replace(change, reason="all shared items are of one group: no interval and no test")
    p, test = sign_flip(sums, flips=flips, seed=seed)
    few = f"{len(sums)} groups: no test can give a p below {smallest_p(len(sums), flips):.2g}"
    return replace(
        change,
        method="paired items",
        low=interval[0],
        high=interval[1],
        p=p,
        test=test,
        reason=few if len(sums) < EXACT_GROUPS // 2 else None,
    )


def compare_rows(empty: Change, before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    """
    Test two rows by their own intervals, for metrics that are no mean of items (macro-F1, AUC, correlations).

    Each 95% interval gives a standard error, (high - low) / 3.92; the difference is held against their root sum of
    squares as a normal variable. The versions are treated as independent samples although they read the same items, so
    with positively correlated errors the test is **conservative**: it misses small changes, it does not invent any.
    """
    values = [row.get("value") for row in (before, after)]
    known = dict(zip(("before", "after"), values, strict=True))
    if None in values:
        why = next(row.get("reason") for row in (before, after) if row.get("value") is None)
        return replace(empty, **known, reason=f"no value in one version{f': {why}' if why else ''}")
    difference = float(values[1] - values[0])
    empty = replace(empty, **known, difference=difference, n=min(int(r.get("n") or 0) for r in (before, after)))
    ends = [row.get(end) for row in (before, after) for end in ("low", "high")]
    if None in ends:
        return replace(empty, reason="no mean of items, and a version has no interval: the difference is not tested")
    error = math.hypot(ends[1] - ends[0], ends[3] - ends[2]) / (2 * 1.959964)
    if error <= 0:
        return replace(empty, reason="the intervals have no width: the difference is not tested")
    p = math.erfc(abs(difference) / error / math.sqrt(2))
    return replace(
        empty,
        method="intervals",
        low=difference - 1.959964 * error,
        high=difference + 1.959964 * error,
        p=p,
        test="normal",
        reason="no mean of items: compared by the two intervals as if unpaired (conservative)",
    )


def judged(change: Change, p_holm: float, p_bh: float, alpha: float, least: float = 0.0) -> Change:
    """
    The verdict after correction.

    Args:
        change: with a p.
        p_holm, p_bh: its adjusted values.
        alpha: chance of any false flag in the whole comparison.
        least: smallest difference that is flagged, in the metric's own unit.
    """
    verdict: Verdict = "not shown"
    if p_holm <= alpha and abs(change.difference) >= least:
        better = None if change.higher_is_better is None else (change.difference > 0) == change.higher_is_better
        verdict = "changed" if better is None else "improved" if better else "regressed"
    return replace(change, p_holm=p_holm, p_bh=p_bh, verdict=verdict)
