"""What a whole set of conversations looks like: lengths, techniques by phase, duplicates, defects, rubric scores."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from pixel.knowledge.quality.defect import Gate, turns
from pixel.knowledge.quality.diversity import distinct_n
from pixel.knowledge.quality.gates import default_gates, defects
from pixel.knowledge.quality.near_duplicates import NearDuplicates, opening, whole
from pixel.knowledge.quality.variety import entropy, phases, techniques


def corpus_report(
    conversations: Iterable[Mapping[str, Any]],
    gates: list[Gate] | None = None,
    scores: Mapping[str, Iterable[float]] | None = None,
) -> dict[str, Any]:
    """
    Read a set once and sum it up.

    Args:
        conversations: any number, one after another; texts of openings are kept, the rest is counted.
        gates: default: `default_gates()`.
        scores: name -> one number a conversation (rubric scores, made elsewhere), to be summed up beside.

    Returns:
        `conversations`, `turns` and `words` (mean, quantiles), `duplicate_openings` and `duplicate_conversations`
        (shares in [0, 1]), `distinct_1`, `distinct_2` of the openings, `techniques` (share of labelled replies),
        `techniques_by_phase`, `entropy_by_phase` (bits), `defects` (kind -> number), `defective` (share), `scores`.
        Shares of nothing are `None`.
    """
    gates = default_gates() if gates is None else gates
    seen = {"openings": NearDuplicates(size=2), "conversations": NearDuplicates(size=3)}
    doubled, found, defective, count = Counter(), Counter(), 0, 0
    lengths, words, openings, labelled = [], [], [], 0
    by_phase: dict[str, Counter] = defaultdict(Counter)
    for conversation in conversations:
        first = opening(conversation)
        doubled["openings"] += seen["openings"].add(count, first) is not None
        doubled["conversations"] += seen["conversations"].add(count, whole(conversation)) is not None
        said = [len(text.split()) for _, text in turns(conversation)]
        lengths.append(len(said))
        words += said
        openings.append(first)
        phase = phases(conversation)
        for index, names in techniques(conversation):
            labelled += 1
            by_phase[phase[index]].update(names or {"none"})
        faults = defects(conversation, gates)
        found.update(defect.kind for defect in faults)
        defective += bool(faults)
        count += 1
    every = sum(by_phase.values(), Counter())
    return {
        "conversations": count,
        "turns": _summary(lengths),
        "words": _summary(words),
        "duplicate_openings": doubled["openings"] / count if count else None,
        "duplicate_conversations": doubled["conversations"] / count if count else None,
        "distinct_1": distinct_n(openings, 1),
        "distinct_2": distinct_n(openings, 2),
        "techniques": {name: round(number / labelled, 4) for name, number in every.most_common()},
        "techniques_by_phase": {name: _shares(counts) for name, counts in by_phase.items()},
        "entropy_by_phase": {name: round(entropy(counts), 3) for name, counts in by_phase.items()},
        "defects": dict(found.most_common()),
        "defective": defective / count if count else None,
        "scores": {name: _summary(list(values)) for name, values in (scores or {}).items()},
    }


def as_markdown(report: Mapping[str, Any]) -> str:
    """The report as a table for a dataset card."""
    lines = ["| | |", "|---|---|"]
    for name, value in report.items():
        if isinstance(value, Mapping):
            value = ", ".join(f"{key} {_short(part)}" for key, part in value.items()) or "none"
        lines.append(f"| {name.replace('_', ' ')} | {_short(value)} |")
    return "\n".join(lines) + "\n"


def _summary(values: list[float]) -> dict[str, float] | None:
    if not values:
        return None
    quantiles = np.quantile(values, [0, 0.25, 0.5, 0.75, 1])
    names = ("least", "quarter", "median", "three_quarters", "most")
    return {"mean": round(float(np.mean(values)), 3)} | {
        name: round(float(value), 3) for name, value in zip(names, quantiles, strict=True)
    }


def _shares(counts: Counter) -> dict[str, float]:
    total = sum(counts.values())
    return {name: round(number / total, 4) for name, number in counts.most_common()}


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return "(" + ", ".join(f"{key} {_short(part)}" for key, part in value.items()) + ")"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
