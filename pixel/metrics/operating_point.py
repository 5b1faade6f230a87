"""Where a read-out says yes: offsets, fitted so that probability 0.5, or the likeliest level, is the best decision."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.decode import field_probabilities
from pixel.metrics.thresholds import EDGE, fit_thresholds
from pixel.models.labels import FIELDS

IGNORE = -100
GRID = np.linspace(-0.5, 3.0, 29)
DECIDED = ("emotional_reactions", "interpretations", "explorations", "empathy_stage")
"""Ordinal fields that are read as decisions; `risk` keeps its probabilities as they are, for its reader to cut."""


def fit_offsets(field: str, logits: ArrayLike, targets: ArrayLike, strength: float = 10.0) -> list[float] | None:
    """
    Offsets of a field: to add to its logits, or to the log-probabilities of its levels.

    Args:
        field: name of the field.
        logits: float `[turns, field.logits]`, of turns the model was not trained on.
        targets: float `[turns, field.size]` with NaN for unknown, or int `[turns]` with -100.
        strength: how strongly rare labels are drawn towards the common threshold (see `fit_thresholds`).

    Returns:
        `[field.logits]` (ordinal: `[field.size]`), or `None` where the field is not one to decide about (scores,
        `risk`, categorical fields) or there is nothing to fit on.
    """
    spec = FIELDS[field]
    logits = np.asarray(logits, dtype=float)
    if spec.kind == "multilabel":
        targets = np.asarray(targets, dtype=float)
        whole = ~np.isnan(targets).any(-1)
        rows = whole if whole.sum() >= 100 else ~np.isnan(targets).all(-1)
        if rows.sum() < 20:
            return None
        cut = np.array(fit_thresholds(field_probabilities(field, logits[rows]), targets[rows], strength))
    elif field in DECIDED:
        targets = np.asarray(targets, dtype=int)
        rows = targets != IGNORE
        if rows.sum() < 50 or len(np.unique(targets[rows])) < 2:
            return None
        return [round(float(value), 4) for value in _level_biases(_levels(field, logits[rows]), targets[rows])]
    else:
        return None
    cut = np.clip(cut, EDGE, 1 - EDGE)
    return [round(float(value), 4) for value in -np.log(cut / (1 - cut))]


def decided(field: str, logits: ArrayLike, offsets: list[float] | None) -> np.ndarray:
    """
    Probabilities as `evaluate_field` reads them, with the offsets in force.

    An ordinal field with offsets answers its likeliest level, so its steps come out as 0 or 1.
    """
    logits = np.asarray(logits, dtype=float)
    if offsets is None:
        return field_probabilities(field, logits)
    if FIELDS[field].kind != "ordinal":
        return field_probabilities(field, logits + np.asarray(offsets))
    level = (np.log(np.maximum(_levels(field, logits), 1e-6)) + np.asarray(offsets)).argmax(-1)
    return (level[:, None] >= np.arange(1, FIELDS[field].size)).astype(float)


def _levels(field: str, logits: np.ndarray) -> np.ndarray:
    """The distribution over levels, `[turns, levels]`, as the model hands it out."""
    steps = np.minimum.accumulate(field_probabilities(field, logits), axis=-1)
    edge = np.ones((len(steps), 1))
    padded = np.concatenate([edge, steps, 0 * edge], -1)
    return padded[:, :-1] - padded[:, 1:]


def _level_biases(levels: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """One bias a level (0 for the lowest), by coordinate ascent on macro-F1, smoothed against single turns."""
    from sklearn.metrics import f1_score

    scores, labels = np.log(np.maximum(levels, 1e-6)), np.unique(targets)
    biases = np.zeros(levels.shape[1])
    for _ in range(2):
        for level in range(1, len(biases)):
            figures = []
            for value in GRID:
                trial = biases.copy()
                trial[level] = value
                said = (scores + trial).argmax(-1)
                figures.append(f1_score(targets, said, labels=labels, average="macro", zero_division=0))
            smooth = np.convolve(np.pad(figures, 1, mode="edge"), np.ones(3) / 3, mode="valid")
            biases[level] = GRID[int(smooth.argmax())]
    return biases


def cross_fitted(
    field: str, logits: ArrayLike, targets: ArrayLike, groups: ArrayLike, folds: int = 5, seed: int = 0
) -> np.ndarray:
    """
    `decided` with offsets that each turn had no part in fitting, for an honest report on the data they are fitted on.

    Args:
        field: name of the field.
        logits: float `[turns, field.logits]`.
        targets: as in `fit_offsets`.
        groups: `[turns]`; a group is never on both sides.
        folds: at least 2.
        seed: of the assignment of groups to folds.

    Returns:
        probabilities `[turns, field.logits]`.
    """
    logits, targets, groups = np.asarray(logits, dtype=float), np.asarray(targets), np.asarray(groups).astype(str)
    names = np.unique(groups)
    fold_of = dict(zip(names, np.random.default_rng(seed).permutation(len(names)) % folds, strict=True))
    fold = np.array([fold_of[name] for name in groups])
    probabilities = field_probabilities(field, logits)
    for number in range(folds):
        here = fold == number
        if here.any() and not here.all():
            probabilities[here] = decided(field, logits[here], fit_offsets(field, logits[~here], targets[~here]))
    return probabilities
