"""What one answer scores, and how a task's scores come together: the same functions for lm-eval and for our report."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.evaluation.lm_eval.choices import taken
from pixel.metrics.eq_bench import Passes, passes, total
from pixel.metrics.seceu import item_distance, read_points, seceu, seceu_pattern

Answers = Sequence[tuple[float, bool]]
"""(log-likelihood, whether greedy) of each letter."""


def place(results: Answers) -> int:
    """The letter with the highest log-likelihood; the first of several alike."""
    return int(np.argmax([likelihood for likelihood, _ in results]))


def by_option(doc: Mapping[str, Any], results: Answers) -> list[Any]:
    """
    What `averaged` needs of one order: the question, its part, the log-likelihood of each option numbered as in the
    source, and the right one.
    """
    count = len(doc["options"])
    likelihoods = [results[(option - doc["order"]) % count][0] for option in range(count)]
    return [doc["id"], doc["part"], likelihoods, taken(doc["gold"], doc["order"], count)]


def averaged_shares(items: Sequence[tuple[str, str, Sequence[float], int]]) -> dict[tuple[str, str], float]:
    """(question, part) -> 1 or 0: whether the option with the highest mean log-likelihood over all orders is right."""
    found: dict[tuple[str, str], list[Sequence[float]]] = defaultdict(list)
    right: dict[tuple[str, str], int] = {}
    for question, part, likelihoods, option in items:
        found[question, part].append(likelihoods)
        right[question, part] = option
    return {key: float(int(np.mean(orders, axis=0).argmax()) == right[key]) for key, orders in found.items()}


def averaged(items: Sequence[tuple[str, str, Sequence[float], int]]) -> float:
    """
    Accuracy once a liking for certain letters has cancelled out: each option stood once in each place, so the mean of
    its log-likelihoods over the orders knows no place.
    """
    shares = averaged_shares(items)
    return float(np.mean(list(shares.values()))) if shares else 0.0


def choice(doc: Mapping[str, Any], results: Answers) -> dict[str, Any]:
    """1 or 0 for a right or wrong letter as `acc`, and under the name of the question's part; `acc_averaged`."""
    right = float(place(results) == doc["gold"])
    return {"acc": right, "acc_averaged": by_option(doc, results)} | (
        {f"acc_{doc['part']}": right} if doc["part"] else {}
    )


def eu_choice(doc: Mapping[str, Any], results: Answers) -> dict[str, Any]:
    """`acc_emotion` or `acc_cause`, and for `joint_acc` the question, its part and whether it was right."""
    right = float(place(results) == doc["gold"])
    joint = [doc["id"], doc["part"], right]
    return {f"acc_{doc['part']}": right, "joint_acc": joint, "joint_averaged": by_option(doc, results)}


def persona_choice(doc: Mapping[str, Any], results: Answers) -> dict[str, Any]:
    """`acc`, and for `balanced_acc` the right option, numbered as in the source, and whether it was taken."""
    right = float(place(results) == doc["gold"])
    label = taken(doc["gold"], doc["order"], len(doc["options"]))
    return {"acc": right, "balanced_acc": [label, right], "acc_averaged": by_option(doc, results)}


def joint(items: Sequence[tuple[str, str, float]]) -> float:
    """EmoBench EU: mean over questions of the share of orders with the right emotion times that with the cause."""
    shares = joint_shares(items)
    return float(np.mean(list(shares.values()))) if shares else 0.0


def joint_shares(items: Sequence[tuple[str, str, float]]) -> dict[str, float]:
    """Question -> its part in `joint`; a question with one part only scores 0."""
    right: dict[str, dict[str, list[float]]] = defaultdict(lambda: {"emotion": [], "cause": []})
    for question, part, value in items:
        right[question][part].append(value)
    return {
        question: float(np.mean(parts["emotion"]) * np.mean(parts["cause"])) if all(parts.values()) else 0.0
        for question, parts in right.items()
    }


def joint_averaged_shares(items: Sequence[tuple[str, str, Sequence[float], int]]) -> dict[str, float]:
    """Question -> 1 or 0: whether emotion and cause are both right by `averaged_shares`."""
    parts: dict[str, list[float]] = defaultdict(list)
    for (question, _), right in averaged_shares(items).items():
        parts[question].append(right)
    return {question: float(len(rights) == 2 and all(rights)) for question, rights in parts.items()}


def joint_averaged(items: Sequence[tuple[str, str, Sequence[float], int]]) -> float:
    """EmoBench EU: emotion and cause both right, once a liking for certain letters has cancelled out."""
    shares = joint_averaged_shares(items)
    return float(np.mean(list(shares.values()))) if shares else 0.0


def balanced(items: Sequence[tuple[int, float]]) -> float:
    """Mean over the right options of how often each was found, so that a rare mode weighs as much as a common one."""
    found: dict[int, list[float]] = defaultdict(list)
    for label, right in items:
        found[label].append(right)
    return float(np.mean([np.mean(rights) for rights in found.values()])) if found else 0.0


def eqbench_answer(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, Any]:
    """Item scores of both passes, for the score and for the percent that could be read."""
    both = list(passes(dict(zip(doc["emotions"], doc["scores"], strict=True)), results[0]))
    return {"eq_bench": both, "percent_parseable": both}


def eqbench_total(items: Sequence[Sequence[float | None]]) -> float:
    """EQ-Bench v2 score; 0 where no answer could be read, as the authors count it."""
    return total([Passes(*item) for item in items])[0].value or 0.0


def eqbench_percent(items: Sequence[Sequence[float | None]]) -> float:
    """Percent of answers that could be read, of the pass that counts."""
    return total([Passes(*item) for item in items])[1]


def seceu_answer(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, Any]:
    """Standard answer and points given; the distances of people and of the model."""
    points = read_points(results[0], doc["options"])
    distance = None if points is None else item_distance(doc["standard"], points)
    pair = [list(doc["standard"]), points]
    return {"seceu_eq": pair, "percent_parseable": pair, "pattern_r": [doc["human_distance"], distance]}


def seceu_eq(items: Sequence[tuple[Sequence[float], Sequence[float] | None]]) -> float:
    """EQ over the answers that could be read; NaN where none could."""
    value = seceu([standard for standard, _ in items], [points for _, points in items]).value
    return float("nan") if value is None else value


def seceu_percent(items: Sequence[tuple[Sequence[float], Sequence[float] | None]]) -> float:
    """Percent of answers that could be read."""
    return 100 * float(np.mean([points is not None for _, points in items])) if items else 0.0


def seceu_similarity(items: Sequence[tuple[float, float | None]]) -> float:
    """Pattern similarity over the answers that could be read; NaN where it is undefined."""
    read = [(human, model) for human, model in items if model is not None]
    value = seceu_pattern([human for human, _ in read], [model for _, model in read]).value
    return float("nan") if value is None else value
