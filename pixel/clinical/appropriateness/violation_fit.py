"""Fitting the rule classifiers on matched pairs and half of the seed corpus, and measuring them out of fold."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixel.clinical.appropriateness.pair_features import (
    GATED,
    client_features,
    encode,
    gate,
    probability,
    reply_features,
)
from pixel.clinical.appropriateness.rule import Rule
from pixel.clinical.appropriateness.training_cases import Case, disclosures, marks, pair_cases, seed_cases

PENALTY = 1.0
"""Inverse strength of the L2 penalty."""
FOLDS = 5
SEED_SHARE = 2.0
"""The seed corpus is full of banter and odd voices on purpose: twice the alarms of real sessions may pass."""


def fit_violations(
    rules: Mapping[str, Rule], encoder, file: Path, ordinary: Sequence[Case] = ()
) -> dict[str, dict[str, Any]]:
    """
    Fit all rules, choose their thresholds out of fold, keep them, and say how good they are.

    Args:
        rules: as read.
        encoder: with `encode(texts)` and `size`.
        file: safetensors to write: per rule the coefficients, the intercept and, last, the threshold; `danger`.
        ordinary: clean turns of real sessions (`ordinary_cases`). Without them real speech sets off many alarms.

    Returns:
        rule -> `threshold`; `precision`, `recall` and `auc` out of fold (clients in one fold each) on its own pairs;
        `alarms` on ordinary turns out of fold, `seed_alarms` on clean turns of the half of the seed corpus that was
        not fitted on, and `seed` (found of all) there.
    """
    from safetensors.numpy import save_file

    from pixel.metrics.auc import auc

    pairs, learn, test = pair_cases(rules), list(seed_cases(0)), list(seed_cases(1))
    known = [*pairs, *ordinary, *learn]
    replies = encode([case.pair.reply for case in known + test], encoder)
    fold = _folds(known, len(pairs) + len(ordinary))
    real = np.zeros(len(known), dtype=bool)
    real[len(pairs) : len(pairs) + len(ordinary)] = True
    danger, own_danger, test_danger = _danger(known, test, fold, encoder)
    clean = np.array([not case.breaks for case in test])
    tensors, report = {"danger": danger}, {}
    for rule in rules.values():
        features = reply_features(rule, [case.pair.reply for case in known + test], replies)
        inside, outside = features[: len(known)], features[len(known) :]
        target, weight = marks(rule, known)
        score = out_of_fold(inside, target, weight, fold)
        coefficients = fit_linear(inside, target, weight)
        later = probability(coefficients, outside)
        if rule.id in GATED:
            score, later = score * gate(own_danger), later * gate(test_danger)
        own = np.array([case.rule == rule.id for case in known])
        judged = own | np.array([case.rule is not None and not case.breaks for case in known])
        broken = np.array([rule.id in case.broken for case in test])
        limits = [(score[real], rule.false_alarms), (later[clean], SEED_SHARE * rule.false_alarms)]
        threshold = best_threshold(score[judged], target[judged], limits)
        said = score[own] >= threshold
        hit = int((said & target[own]).sum())
        tensors[rule.id] = np.append(coefficients, np.float32(threshold))
        report[rule.id] = {
            "threshold": round(threshold, 3),
            "precision": round(hit / max(1, int(said.sum())), 3),
            "recall": round(hit / int(target[own].sum()), 3),
            "auc": round(auc(target[own], score[own]).value or 0.0, 3),
            "replies": int(target[own].sum()),
            "alarms": round(float((score[real] >= threshold).mean()), 4) if real.any() else None,
            "seed_alarms": round(float((later[clean] >= threshold).mean()), 4),
            "seed": f"{int((later[broken] >= threshold).sum())} of {int(broken.sum())}",
        }
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(tensor, dtype=np.float32) for name, tensor in tensors.items()}, file)
    return report


def fit_linear(features: np.ndarray, target: np.ndarray, weight: np.ndarray, penalty: float = PENALTY) -> np.ndarray:
    """
    Logistic regression; rows of weight 0 are left out, the rarer side is weighted up by the root of what it lacks.

    Returns:
        float32 `[columns + 1]`, the intercept last.
    """
    from sklearn.linear_model import LogisticRegression

    used = weight > 0
    features, target, weight = features[used], target[used], weight[used].copy()
    weight[target] *= (weight[~target].sum() / max(weight[target].sum(), 1e-9)) ** 0.5
    model = LogisticRegression(C=penalty, max_iter=100, solver="newton-cholesky").fit(features, target, weight)
    return np.append(model.coef_[0], model.intercept_[0]).astype(np.float32)


def out_of_fold(features: np.ndarray, target: np.ndarray, weight: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Probabilities float `[rows]` by classifiers that saw other folds and the rows of fold -1; these get 0."""
    score = np.zeros(len(features))
    for number in range(FOLDS):
        inside = fold != number
        coefficients = fit_linear(features[inside], target[inside], weight[inside])
        score[~inside] = probability(coefficients, features[~inside])
    return score


def best_threshold(score: np.ndarray, broken: np.ndarray, limits: Sequence[tuple[np.ndarray, float]]) -> float:
    """
    Of the thresholds that keep all limits, the one of the highest F1.

    Args:
        score, broken: of the rule's pairs, and of the clean replies written for other rules.
        limits: scores on clean turns, and the share of them that may be flagged at most.
    """
    best = (-1.0, 0.95)
    for threshold in np.arange(0.05, 0.96, 0.0125):
        if any(len(part) and (part >= threshold).mean() > most for part, most in limits):
            continue
        said = score >= threshold
        f1 = 2 * (said & broken).sum() / max(1, said.sum() + broken.sum())
        if f1 > best[0] + 1e-9:
            best = (float(f1), float(threshold))
    return best[1]


def _folds(known: list[Case], pairs: int) -> np.ndarray:
    """A fold for every client of the pairs and every video of sessions; -1 for the seed corpus, always learned."""
    groups = list(dict.fromkeys(case.group for case in known[:pairs]))
    place = dict(zip(groups, np.random.default_rng(0).permutation(len(groups)), strict=True))
    return np.array([place[case.group] % FOLDS if number < pairs else -1 for number, case in enumerate(known)])


def _danger(known: list[Case], test: list[Case], fold: np.ndarray, encoder) -> tuple[np.ndarray, ...]:
    """The classifier of danger in the client's words; its probabilities out of fold on `known`, and on `test`."""
    told = list(disclosures())
    texts = [case.pair.client for case in known + test] + [text for text, _, _ in told]
    features = client_features(texts, encode(texts, encoder))
    inside = np.vstack([features[: len(known)], features[len(known) + len(test) :]])
    target = np.array([bool(case.danger) for case in known] + [danger for _, danger, _ in told])
    worth = [0.0 if case.danger is None else 1.0 if case.rule else 0.2 for case in known]
    weight = np.array(worth + [count for _, _, count in told])
    folds = np.append(fold, np.full(len(told), -1))
    coefficients = fit_linear(inside, target, weight)
    later = probability(coefficients, features[len(known) : len(known) + len(test)])
    return coefficients, out_of_fold(inside, target, weight, folds)[: len(known)], later
