"""Where a read-out says yes: one offset a logit, fitted so that probability 0.5 is the best decision."""

import numpy as np
from numpy.typing import ArrayLike

from pixel.evaluation.decode import field_probabilities, levels_of
from pixel.evaluation.thresholds import EDGE, fit_thresholds
from pixel.models.labels import FIELDS

IGNORE = -100
GRID = np.linspace(0.1, 0.9, 33)
DECIDED = ("emotional_reactions", "interpretations", "explorations", "empathy_stage")
"""Ordinal fields that are read as decisions; `risk` keeps its probabilities as they are, for its reader to cut."""


def fit_offsets(field: str, logits: ArrayLike, targets: ArrayLike, strength: float = 10.0) -> list[float] | None:
    """
    Offsets to add to a field's logits.

    Args:
        field: name of the field.
        logits: float `[turns, field.logits]`, of turns the model was not trained on.
        targets: float `[turns, field.size]` with NaN for unknown, or int `[turns]` with -100.
        strength: how strongly rare labels are drawn towards the common threshold (see `fit_thresholds`).

    Returns:
        `[field.logits]`, or `None` where the field is not one to decide about (scores, `risk`, categorical fields) or
        there is nothing to fit on.
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
        cut = _ordinal_cuts(field_probabilities(field, logits[rows]), targets[rows], spec.size)
    else:
        return None
    cut = np.clip(cut, EDGE, 1 - EDGE)
    return [round(float(value), 4) for value in -np.log(cut / (1 - cut))]


def _ordinal_cuts(probabilities: np.ndarray, targets: np.ndarray, levels: int) -> np.ndarray:
    """One threshold a step, by coordinate ascent on macro-F1, smoothed so that it does not hang on single turns."""
    from sklearn.metrics import f1_score

    cuts = np.full(levels - 1, 0.5)
    labels = np.unique(targets)
    for _ in range(2):
        for step in range(levels - 1):
            scores = []
            for value in GRID:
                trial = cuts.copy()
                trial[step] = value
                said = levels_of(probabilities, trial)
                scores.append(f1_score(targets, said, labels=labels, average="macro", zero_division=0))
            smooth = np.convolve(np.pad(scores, 2, mode="edge"), np.ones(5) / 5, mode="valid")
            cuts[step] = GRID[int(smooth.argmax())]
    return cuts


def cross_fitted(
    field: str, logits: ArrayLike, targets: ArrayLike, groups: ArrayLike, folds: int = 5, seed: int = 0
) -> np.ndarray:
    """
    Logits with offsets that each turn had no part in fitting, for an honest report on the data they are fitted on.

    Args:
        field: name of the field.
        logits: float `[turns, field.logits]`.
        targets: as in `fit_offsets`.
        groups: `[turns]`; a group is never on both sides.
        folds: at least 2.
        seed: of the assignment of groups to folds.

    Returns:
        float `[turns, field.logits]`; unchanged where nothing is fitted.
    """
    logits, targets, groups = np.asarray(logits, dtype=float), np.asarray(targets), np.asarray(groups).astype(str)
    names = np.unique(groups)
    fold_of = dict(zip(names, np.random.default_rng(seed).permutation(len(names)) % folds, strict=True))
    fold = np.array([fold_of[name] for name in groups])
    shifted = logits.copy()
    for number in range(folds):
        here = fold == number
        offsets = fit_offsets(field, logits[~here], targets[~here]) if here.any() and not here.all() else None
        if offsets is not None:
            shifted[here] += offsets
    return shifted
