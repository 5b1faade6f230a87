"""How often something truly happens, when a reader that errs counts it."""

import numpy as np

from pixel.metrics.measure import Measure, defined, undefined

LEAST_GAIN = 0.2
"""A reader whose hits exceed its false alarms by less than this says too little to be corrected."""


def corrected_share(
    read: np.ndarray, human_read: np.ndarray, human_labels: np.ndarray, weights: np.ndarray | None = None
) -> Measure:
    r"""
    Adjusted count: the true share out of the read one, given the reader's hits and false alarms on human turns.

    .. math:: \hat p = \frac{q - f}{h - f}, \quad \text{clipped to } [0, 1]

    It holds if the reader errs on the model's turns as often as on people's of the same weight, which nobody has
    checked; where the read and the corrected share point apart, believe neither.

    Args:
        read: bool `[model turns]`, what the reader says of them.
        human_read, human_labels: bool `[human turns]`, what it says of turns that people labelled, and the labels. The
            reader must not have been fitted on these turns.
        weights: float `[human turns]`, how much each counts, such as `length_weights`; default: all alike.

    Returns:
        `Measure` in [0, 1]; undefined without turns, where the labels hold one class, or where the reader is too weak.

    Source: Forman, "Quantifying counts and costs via classification", 2008; Rogan & Gladen, 1978.
    """
    human_labels = np.asarray(human_labels, dtype=bool)
    weights = np.ones(len(human_labels)) if weights is None else np.asarray(weights, dtype=float)
    there, not_there = weights[human_labels].sum(), weights[~human_labels].sum()
    if not len(read) or there <= 0 or not_there <= 0:
        return undefined("no turns to count, or people's labels hold one class only")
    hits = (weights * human_read)[human_labels].sum() / there
    alarms = (weights * human_read)[~human_labels].sum() / not_there
    if hits - alarms < LEAST_GAIN:
        return undefined(f"the reader's hits ({hits:.2f}) barely exceed its false alarms ({alarms:.2f})")
    return defined(np.clip((np.mean(read) - alarms) / (hits - alarms), 0.0, 1.0))


def length_weights(human_words: np.ndarray, model_words: np.ndarray, bins: int = 6) -> np.ndarray:
    """
    Float `[human turns]`: weights under which people's turns are as long as the model's.

    A model that talks at length is misread as people are where they talk at length. Lengths are put in bins that hold
    like many of people's turns; the weight is the model's share of the bin over people's, and averages 1 if people
    have turns in all bins that the model uses.
    """
    if not len(human_words) or not len(model_words):
        return np.ones(len(human_words))
    edges = np.unique(np.quantile(human_words, np.linspace(0, 1, bins + 1)[1:-1]))
    ours, theirs = (np.digitize(words, edges, right=True) for words in (human_words, model_words))
    own = np.bincount(ours, minlength=len(edges) + 1) / len(ours)
    other = np.bincount(theirs, minlength=len(edges) + 1) / len(theirs)
    return (other / np.maximum(own, 1e-12))[ours]
