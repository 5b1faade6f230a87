"""Fitting `pixel/voice/quality/accuracy.json`: from a decoder's signs to the word error rate they foretell."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pixel.voice.quality.accuracy import foretell

SIGNS = {
    "alone": ("word_probability", "mean_logprob"),
    "with_agreement": ("word_probability", "mean_logprob", "agreement"),
}
RIDGE = 1.0  # on the weights of the scaled signs, in units of one segment


def fit(rows: Sequence[dict[str, Any]], signs: Sequence[str]) -> dict[str, Any]:
    """
    Fractional logistic regression: cross-entropy of the word error rate (at most 1) with a small ridge.

    Args:
        rows: with `wer` and every sign.
        signs: what to foretell it from.

    Returns:
        weights for `foretell`.

    Source: Papke & Wooldridge, "Econometric methods for fractional response variables", 1996.
    """
    from scipy.optimize import minimize

    values = np.array([[row[sign] for sign in signs] for row in rows], dtype=float)
    target = np.minimum([row["wer"] for row in rows], 1.0)
    mean, scale = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = np.column_stack([np.ones(len(rows)), (values - mean) / scale])

    def loss(weights: np.ndarray) -> float:
        total = scaled @ weights
        return float(np.sum(np.logaddexp(0, total) - target * total) + 0.5 * RIDGE * np.sum(weights[1:] ** 2))

    weights = minimize(loss, np.zeros(len(signs) + 1), method="L-BFGS-B").x
    return {"intercept": round(float(weights[0]), 5)} | {
        sign: {"weight": round(float(w), 5), "mean": round(float(m), 5), "scale": round(float(s), 5)}
        for sign, w, m, s in zip(signs, weights[1:], mean, scale, strict=True)
    }


def foretold(rows: Sequence[dict[str, Any]], signs: Sequence[str]) -> np.ndarray:
    """Each row's word error rate as foretold by weights fitted on all other speakers, `[rows]`."""
    found = np.zeros(len(rows))
    for speaker in {row["speaker"] for row in rows}:
        weights = fit([row for row in rows if row["speaker"] != speaker], signs)
        for place, row in enumerate(rows):
            if row["speaker"] == speaker:
                found[place] = foretell(weights, {sign: row[sign] for sign in signs})
    return found
