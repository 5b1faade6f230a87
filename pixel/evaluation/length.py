"""What the length of a message alone scores: a figure that does not beat it may have seen nothing else."""

import numpy as np

from pixel.metrics.questions import questions
from pixel.models.labels import FIELDS

FOLDS = 5


def length_scores(
    field: str, corpus: str, targets: np.ndarray, lengths: np.ndarray, groups: np.ndarray, seed: int = 0
) -> dict[str, float]:
    """
    The figures of a read-out's metrics with log length as the only predictor.

    Correlations and AUCs take log length itself, with whichever sign is better. Everything else takes the answers of a
    logistic regression on log length, cross-validated with groups kept together; of a plain and a class-balanced one
    the better figure counts. Calibration errors have none.

    Args:
        field: name.
        corpus: name, which chooses the metrics.
        targets: as in `pixel.metrics.evaluate_field`, labelled turns only.
        lengths: `[turns]`, words.
        groups: `[turns]`.
        seed: of the folds.

    Returns:
        metric -> figure, where it is defined.
    """
    log_length = np.log1p(np.asarray(lengths, dtype=float))
    spread = log_length - log_length.min()
    as_score = spread / spread.max() if spread.max() > 0 else np.full(len(spread), 0.5)  # in [0, 1]
    found: dict[str, float] = {}
    width = FIELDS[field].logits
    for answers in (np.tile(as_score[:, None], width), np.tile(1 - as_score[:, None], width)):
        for question in questions(field, corpus, answers, targets):
            if question.metric.startswith(("pearson", "auc")):
                _keep_best(found, question)
    others = [q.metric for q in questions(field, corpus, np.tile(as_score[:, None], width), targets)]
    if any(not name.startswith(("pearson", "auc", "ece")) for name in others):
        for balanced in (False, True):
            answers = _predicted(field, targets, log_length, groups, balanced, seed)
            for question in questions(field, corpus, answers, targets):
                if not question.metric.startswith(("pearson", "auc", "ece")):
                    _keep_best(found, question)
    return found


def _keep_best(found: dict[str, float], question) -> None:
    value = question.at(np.arange(len(question.rows))).value if len(question.rows) else None
    if value is not None:
        found[question.metric] = max(value, found.get(question.metric, value))


def _predicted(
    field: str, targets: np.ndarray, log_length: np.ndarray, groups: np.ndarray, balanced: bool, seed: int
) -> np.ndarray:
    """Answers as probabilities `[turns, field.logits]`, each by a regression that did not see the turn's group."""
    spec = FIELDS[field]
    names = np.unique(groups)
    fold_of = dict(zip(names, np.random.default_rng(seed).permutation(len(names)) % FOLDS, strict=True))
    fold = np.array([fold_of[name] for name in groups])
    if spec.is_vector:
        columns = []
        for index in range(spec.size):
            column = targets[:, index]
            known = ~np.isnan(column)
            classes = (column >= 0.5).astype(int)
            columns.append(_cross_validated(classes, known, log_length, fold, balanced)[:, [1]])
        return np.concatenate(columns, 1)
    classes = _cross_validated(targets, np.ones(len(targets), bool), log_length, fold, balanced, spec.size)
    if spec.kind == "ordinal":
        level = classes.argmax(-1)
        return (level[:, None] >= np.arange(1, spec.size)).astype(float)
    return classes


def _cross_validated(
    classes: np.ndarray, known: np.ndarray, feature: np.ndarray, fold: np.ndarray, balanced: bool, size: int = 2
) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    said = np.zeros((len(classes), size))
    for number in range(FOLDS):
        here, there = fold == number, (fold != number) & known
        present = np.unique(classes[there])
        if not here.any():
            continue
        if len(present) < 2:
            said[here, present[0] if len(present) else 0] = 1.0
            continue
        centre, scale = feature[there].mean(), feature[there].std() or 1.0
        model = LogisticRegression(class_weight="balanced" if balanced else None)
        model.fit(((feature[there] - centre) / scale)[:, None], classes[there])
        said[np.ix_(here, model.classes_)] = model.predict_proba(((feature[here] - centre) / scale)[:, None])
    return said
