"""From lm-eval's record of a task to our report: intervals, what a constant answer scores, one line an item."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pixel.evaluation.items import Item
from pixel.evaluation.lm_eval import scoring
from pixel.evaluation.lm_eval.running import Ran
from pixel.evaluation.row import Row
from pixel.metrics import Measure, bootstrap_interval
from pixel.metrics.eq_bench import ENOUGH, Passes, item_score, total
from pixel.metrics.measure import defined, undefined
from pixel.metrics.seceu import HUMAN_MEAN, HUMAN_SPREAD, item_distance, seceu

Sample = Mapping[str, Any]
TASK = "language"


class Published(NamedTuple):
    """A published figure, and where it comes from in words."""

    value: float | None
    source: str


_EMOBENCH = "Published: GPT-4, Sabour et al., ACL 2024 (quoted second-hand), the whole English set, both in one prompt"
PUBLISHED: dict[tuple[str, str], Published] = {
    ("pixel_emobench_ea", "acc"): Published(0.759, _EMOBENCH.removesuffix(", both in one prompt")),
    ("pixel_emobench_eu", "joint_acc"): Published(0.5975, _EMOBENCH),
    ("pixel_eqbench_v2", "eq_bench"): Published(
        83.87, "Published: gpt-4-0125 83.87, gpt-3.5 64.97 (EQ-Bench leaderboard, version 2, quoted second-hand)"
    ),
    ("pixel_seceu", "seceu_eq"): Published(117.0, "Published: GPT-4, Wang et al., 2023; 100 is the human mean"),
}
AGAINST = {
    "pixel_emobench_ea": "answers agreed on by the benchmark's writers",
    "pixel_emobench_eu": "answers agreed on by the benchmark's writers",
    "pixel_eqbench_v2": "the benchmark's reference intensities",
    "pixel_seceu": "the mean answer of the human sample in the user's file",
    "pixel_persona": "modes labelled by the writers of the persona-switching benchmark (test split)",
    "pixel_dsm": "the category whose criteria the vignette was made from",
    "pixel_pdm": "the entry of the knowledge base the sentence was written for",
}


def report(ran: Ran, resamples: int = 500, seed: int = 0) -> tuple[list[Row], list[Item], list[str]]:
    """
    Rows, items and remarks of a task.

    The values are lm-eval's own. Intervals draw whole groups of questions. `majority` is what the better of two
    constants scores: always the same letter, or always the option that is most often right; of EQ-Bench, the best
    single number given to every emotion; of SECEU, equal points. `length` is what always taking the longest option
    scores.

    Args:
        ran: what lm-eval gave.
        resamples, seed: of the bootstrap.
    """
    rows, items, notes = [], [], []
    samples = sorted(ran.samples, key=lambda sample: sample["doc_id"])
    for metric, value in ran.figures.items():
        kept = [sample for sample in samples if metric in sample]
        statistic, groups, size = _statistic(metric, kept)
        count = len({f"{sample['doc'].get('part')}:{sample['doc']['id']}" for sample in kept}) if groups else size
        interval = bootstrap_interval(statistic, size, groups, resamples=resamples, seed=seed)
        low, high = interval or (None, None)
        published = PUBLISHED.get((ran.task, metric))
        name, reason = f"{ran.task.removeprefix('pixel_')}/{metric}", None
        if not np.isfinite(value) or (metric == "eq_bench" and ran.figures["percent_parseable"] == 0):
            value, low, high, reason = None, None, None, _why(metric)
        rows.append(
            Row(
                task=TASK,
                metric=name,
                value=value,
                group="language",
                n=count,
                low=low,
                high=high,
                majority=None if value is None else _majority(metric, kept),
                length=_length(metric, kept),
                published=published and published.value,
                reference=published and published.source,
                against=AGAINST[ran.task],
                reason=reason,
            )  # fmt: skip
        )
        items += _items(name, metric, kept)
    share = ran.figures.get("percent_parseable")
    if share is not None:
        low = " (EQ-Bench counts such a run as failed)" if "eq_bench" in ran.figures and share < 100 * ENOUGH else ""
        notes.append(f"{ran.task}: {share:.1f}% of {len(samples)} answers could be read{low}")
    return rows, items, notes


def _statistic(metric: str, kept: Sequence[Sample]) -> tuple[Callable, list[str] | None, int]:
    """The metric on drawn rows, the rows' groups, and how many rows there are."""
    if metric in JOINT:
        shares = list(JOINT[metric]([sample[metric] for sample in kept]).values())
        return _mean(shares), None, len(shares)
    values = [sample[metric] for sample in kept]
    if metric in COMBINED:
        combine = COMBINED[metric]
        groups = [str(sample["doc"].get("group", sample["doc"]["id"])) for sample in kept]
        return lambda rows: defined(combine([values[row] for row in rows])), groups, len(values)
    questions = _averaged(kept) if metric == "acc_averaged" else _by_question(kept, metric)
    return _mean([mean for mean, _ in questions.values()]), [group for _, group in questions.values()], len(questions)


JOINT: dict[str, Callable[[Sequence], dict[str, float]]] = {
    "joint_acc": scoring.joint_shares,
    "joint_averaged": scoring.joint_averaged_shares,
}
"""Metrics that put the parts of a question together: items -> question -> share."""
COMBINED: dict[str, Callable[[Sequence], float]] = {
    "balanced_acc": scoring.balanced,
    "eq_bench": scoring.eqbench_total,
    "seceu_eq": scoring.seceu_eq,
    "pattern_r": scoring.seceu_similarity,
}


def _mean(values: Sequence[float]) -> Callable[[np.ndarray], Measure]:
    values = np.asarray(values, dtype=float)
    return lambda rows: Measure(float(values[rows].mean())) if len(rows) else undefined("no questions")


def _by_question(kept: Sequence[Sample], metric: str) -> dict[str, tuple[float, str]]:
    """Question -> (mean over its orders, its group); a part of a question is a question."""
    found: dict[str, list[float]] = defaultdict(list)
    groups: dict[str, str] = {}
    for sample in kept:
        doc = sample["doc"]
        key = f"{doc['part']}:{doc['id']}" if doc.get("part") else str(doc["id"])
        found[key].append(_number(metric, sample[metric]))
        groups[key] = str(doc.get("group", doc["id"]))
    return {key: (float(np.mean(values)), groups[key]) for key, values in found.items()}


def _averaged(kept: Sequence[Sample]) -> dict[str, tuple[float, str]]:
    """As `_by_question`, of `acc_averaged`."""
    groups = {(s["doc"]["id"], s["doc"]["part"]): str(s["doc"]["group"]) for s in kept}
    shares = scoring.averaged_shares([sample["acc_averaged"] for sample in kept])
    return {(f"{part}:{id}" if part else id): (share, groups[id, part]) for (id, part), share in shares.items()}


def _number(metric: str, value: Any) -> float:
    """What one document's record of a metric is worth alone."""
    if metric == "percent_parseable":
        return 100.0 * any(part is not None for part in value)
    return float(value[1] if isinstance(value, list | tuple) else value)


def _items(name: str, metric: str, kept: Sequence[Sample]) -> list[Item]:
    if metric in JOINT:
        shares = JOINT[metric]([sample[metric] for sample in kept])
        return [Item(question, name, share, question) for question, share in shares.items()]
    if metric == "eq_bench":
        scores = total([Passes(*sample[metric]) for sample in kept])[2]
        pairs = zip(kept, scores, strict=True)
        return [Item(sample["doc"]["id"], name, 10 * score) for sample, score in pairs if score is not None]
    if metric == "seceu_eq":
        return [
            Item(sample["doc"]["id"], name, 100 + 15 * (HUMAN_MEAN - item_distance(*sample[metric])) / HUMAN_SPREAD)
            for sample in kept
            if sample[metric][1] is not None
        ]
    if metric in ("pattern_r", "percent_parseable"):
        return [] if metric == "pattern_r" else _shares(name, metric, kept)
    return _shares(name, metric, kept)


def _shares(name: str, metric: str, kept: Sequence[Sample]) -> list[Item]:
    questions = _averaged(kept) if metric == "acc_averaged" else _by_question(kept, metric)
    return [Item(key, name, value, group) for key, (value, group) in questions.items()]


def _majority(metric: str, kept: Sequence[Sample]) -> float | None:
    if metric == "eq_bench":
        return max(_constant_intensity(kept, score) for score in range(11))
    if metric == "seceu_eq":
        standards = [sample[metric][0] for sample in kept]
        return seceu(standards, [[1.0] * len(standard) for standard in standards]).value
    if metric in ("pattern_r", "percent_parseable"):
        return None
    texts = Counter(sample["doc"]["options"][sample["doc"]["gold"]] for sample in kept)
    favourite = max(texts, key=lambda text: (texts[text], text))
    if texts[favourite] <= len(kept[0]["doc"]["options"]):  # right once: knowing it is knowing that answer
        favourite = None
    letter = {"acc_averaged": "acc", "joint_averaged": "joint_acc"}.get(metric, metric)  # no letter wins on average
    constant = _policy(letter, kept, lambda doc: 0)
    return constant if favourite is None else max(constant, _policy(metric, kept, lambda doc: _place(doc, favourite)))


def _length(metric: str, kept: Sequence[Sample]) -> float | None:
    if not kept or "options" not in kept[0]["doc"] or "gold" not in kept[0]["doc"]:
        return None
    return _policy(metric, kept, lambda doc: int(np.argmax([len(option) for option in doc["options"]])))


def _place(doc: Mapping[str, Any], text: str | None) -> int:
    return doc["options"].index(text) if text in doc["options"] else 0


def _policy(metric: str, kept: Sequence[Sample], choose: Callable[[Mapping[str, Any]], int]) -> float:
    """What the metric gives where a rule chooses the places, by the task's own scoring."""
    score = {"balanced_acc": scoring.persona_choice}.get(
        metric, scoring.eu_choice if "joint" in metric else scoring.choice
    )
    values = []
    for sample in kept:
        doc, chosen = sample["doc"], choose(sample["doc"])
        likelihoods = [(float(place == chosen), False) for place in range(len(doc["options"]))]
        scores = score(doc, likelihoods)
        values.append(scores[metric])
    combine = {
        "joint_acc": scoring.joint, "joint_averaged": scoring.joint_averaged, "balanced_acc": scoring.balanced,
        "acc_averaged": scoring.averaged,
    }.get(metric, np.mean)  # fmt: skip
    return float(combine(values))


def _constant_intensity(kept: Sequence[Sample], score: float) -> float:
    """EQ-Bench where every emotion of every question gets the same number."""
    references = [dict(zip(s["doc"]["emotions"], s["doc"]["scores"], strict=True)) for s in kept]
    return 10 * float(np.mean([item_score(one, dict.fromkeys(one, score)) for one in references]))


def _why(metric: str) -> str:
    return "too few human distances, or none that vary" if metric == "pattern_r" else "no answer could be read"
