"""What a linear model makes of features: one fit a logit, so that a field's usual metrics can be asked of it."""

import warnings

import numpy as np

from pixel.metrics import field_probabilities, fit_thresholds
from pixel.metrics.questions import questions
from pixel.models.labels import FIELDS

LEAST = 5
"""Positive and negative turns a label needs; below that its logit is the prior's."""


def is_regression(field: str, targets: np.ndarray) -> bool:
    """Whether a field is a score with values between 0 and 1, which a ridge regression predicts."""
    return FIELDS[field].kind == "score" and not np.isin(targets[~np.isnan(targets)], (0.0, 1.0)).all()


def fit_logits(
    field: str, train, targets: np.ndarray, others: list, strength: float, seed: int = 0
) -> list[np.ndarray]:
    """
    Fit on one set of turns, answer on others.

    Args:
        field: name of the label field.
        train: `[turns, features]`, dense or sparse, scaled.
        targets: of `train`: float `[turns, field.size]`, NaN unknown, or int `[turns]`.
        others: the sets to answer on, `[other turns, features]` each.
        strength: inverse of the L2 penalty of the logistic regressions (scikit-learn's `C`); ridge takes its inverse.
        seed: of the solver.

    Returns:
        of each set, float `[other turns, field.logits]`: logits, or for a regression the predicted scores as they are.
    """
    from sklearn.linear_model import LogisticRegression, Ridge

    columns: list[list[np.ndarray]] = []
    for known, wanted in _logit_targets(field, targets):
        rows = train[known]
        if is_regression(field, targets):
            model = Ridge(alpha=1 / strength, random_state=seed).fit(rows, wanted[known])
            columns.append([model.predict(other) for other in others])
            continue
        present = wanted[known] >= 0.5
        if min(present.sum(), (~present).sum()) < LEAST:
            prior = (present.sum() + 0.5) / (len(present) + 1.0)
            columns.append([np.full(other.shape[0], np.log(prior / (1 - prior))) for other in others])
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a fit that stops at the last iteration is close enough to rank layers
            model = LogisticRegression(C=strength, max_iter=300, random_state=seed).fit(rows, present)
        columns.append([model.decision_function(other) for other in others])
    return [np.stack(answers, 1) for answers in zip(*columns, strict=True)]


def _logit_targets(field: str, targets: np.ndarray):
    """For each logit: which turns are known, and the value there."""
    spec = FIELDS[field]
    if spec.is_vector:
        for column in targets.T:
            yield ~np.isnan(column), np.nan_to_num(column)
    else:
        everyone = np.ones(len(targets), dtype=bool)
        steps = range(1, spec.size) if spec.kind == "ordinal" else range(spec.size)
        for step in steps:
            yield everyone, (targets >= step if spec.kind == "ordinal" else targets == step).astype(float)


def score(
    field: str,
    source: str,
    logits: np.ndarray,
    targets: np.ndarray,
    metric: str,
    regression: bool = False,
    tune: tuple[np.ndarray, np.ndarray] | None = None,
) -> float | None:
    """
    The mean of a field's metrics of one name, as `pixel.metrics` asks them.

    Args:
        field, source: label field and corpus.
        logits: float `[turns, field.logits]`.
        targets: of the same turns.
        metric: prefix of the metrics' names, such as `auc` or `pearson`.
        regression: the logits are scores already.
        tune: logits and targets of other turns to fit thresholds on (multilabel fields).

    Returns:
        `None` where the data cannot define any of them.
    """
    probabilities = logits if regression else field_probabilities(field, logits)
    thresholds = None
    if tune is not None:
        thresholds = fit_thresholds(field_probabilities(field, tune[0]), tune[1])
    asked = [q for q in questions(field, source, probabilities, targets, thresholds) if q.metric.startswith(metric)]
    values = [question.measure(question.targets, question.answers).value for question in asked]
    values = [value for value in values if value is not None]
    return float(np.mean(values)) if values else None
