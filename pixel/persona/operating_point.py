"""Where a mode begins: one number a mode added to the log probabilities, chosen on the development part."""

from collections.abc import Sequence

import numpy as np

from pixel.models.labels import PERSONA_MODES

LEAST = 1e-6


def shifted(probabilities: np.ndarray, offsets: Sequence[float]) -> np.ndarray:
    """
    Probabilities with offsets on their logarithms, summing to 1 again.

    Args:
        probabilities: `[turns, 3]`.
        offsets: one a mode, in the order of `PERSONA_MODES`; all equal: nothing changes.
    """
    logits = np.log(np.clip(np.asarray(probabilities, dtype=float), LEAST, None)) + np.asarray(offsets, dtype=float)
    out = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return out / out.sum(axis=-1, keepdims=True)


def fit_offsets(probabilities: np.ndarray, needed: Sequence[str], steps: int = 500, rate: float = 0.5) -> list[float]:
    """
    The offsets under which the needed modes are likeliest (cross-entropy, convex, by gradient descent), first one 0.

    A head learns how frequent each mode was in training along with how it sounds. Where it is used the frequencies
    differ; three numbers set them right and leave the order of turns within a mode's probability as it was.

    Args:
        probabilities: `[turns, 3]`, from a model that was not trained on these turns.
        needed: mode of each turn.

    Raises:
        ValueError: no turn, or not of one length.

    Source: prior correction, Saerens, Latinne & Decaestecker, "Adjusting the outputs of a classifier to new a priori
    probabilities", Neural Computation 2002.
    """
    probabilities = np.asarray(probabilities, dtype=float)
    if not len(needed) or len(probabilities) != len(needed):
        raise ValueError(f"{len(probabilities)} probabilities for {len(needed)} turns")
    truth = np.eye(len(PERSONA_MODES))[[PERSONA_MODES.index(mode) for mode in needed]]
    offsets = np.zeros(len(PERSONA_MODES))
    for _ in range(steps):
        offsets -= rate * (shifted(probabilities, offsets) - truth).mean(0)
    return (offsets - offsets[0]).round(4).tolist()
