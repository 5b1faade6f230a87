"""Metrics that need no threshold, one a labelled field, for comparing many short trainings."""

import numpy as np

from pixel.metrics.auc import auc
from pixel.metrics.pearson import pearson
from pixel.models.labels import FIELDS
from pixel.training.read_dataset import FieldReadings

LEAST = 5
"""Positives and negatives that a label needs to be counted."""


def ranking(readings: dict[str, FieldReadings]) -> dict[str, float]:
    """
    How well each field of one corpus is ranked: Pearson's r for scores, else the mean of Somers' D (2 AUC - 1) over
    the labels (levels, classes) that have at least five turns on either side. Fields without any are left out.

    Both are 0 by chance and 1 at best, so that relative changes of either mean the same.

    Args:
        readings: field -> logits beside labels.
    """
    found = {}
    for name, reading in readings.items():
        logits, targets, _ = reading.arrays()
        kind = FIELDS[name].kind
        if kind == "score":
            values = [pearson(targets[:, i], logits[:, i]).value for i in range(targets.shape[1])]
        else:
            if kind == "ordinal":
                positive = targets[:, None] >= np.arange(1, FIELDS[name].size)
            elif kind == "categorical":
                positive = targets[:, None] == np.arange(FIELDS[name].size)
            else:
                positive = np.where(np.isnan(targets), np.nan, targets >= 0.5)
            values = [_somers(positive[:, i], logits[:, i]) for i in range(positive.shape[1])]
        values = [value for value in values if value is not None]
        if values:
            found[name] = float(np.mean(values))
    return found


def _somers(positive: np.ndarray, scores: np.ndarray) -> float | None:
    known = ~np.isnan(positive.astype(float))
    positive, scores = positive[known].astype(bool), scores[known]
    if min(positive.sum(), (~positive).sum()) < LEAST:
        return None
    value = auc(positive, scores).value
    return None if value is None else 2 * value - 1
