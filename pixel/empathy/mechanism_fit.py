"""Fitting the mechanism reader on labelled peer replies, and reading each reply without having seen its thread."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pixel.empathy.mechanisms import apply

PENALTY = 50.0
"""Of the ridge regressions; 20 to 100 changed nothing out of fold."""
FOLDS = 5


def fit_mechanisms(features: np.ndarray, levels: np.ndarray, penalty: float = PENALTY) -> dict[str, np.ndarray]:
    """
    One ridge regression a mechanism, on the replies that have a label for it.

    Args:
        features: float `[replies, columns]`.
        levels: float `[replies, 3]`, NaN where nobody labelled it.
        penalty: of the squared weights.

    Returns:
        `weight` `[columns, 3]`, `bias` `[3]`, and `present` `[3]`: the expected level above which as many replies lie
        as people gave level 1 or 2.
    """
    columns, kinds = features.shape[1], levels.shape[1]
    weight, bias, present = np.zeros((columns, kinds)), np.zeros(kinds), np.full(kinds, np.inf)
    for kind in range(kinds):
        known = ~np.isnan(levels[:, kind])
        if not known.any():
            continue
        x, y = features[known].astype(float), levels[known, kind]
        middle, average = x.mean(0), y.mean()
        centred = x - middle
        solved = np.linalg.solve(centred.T @ centred + penalty * np.eye(columns), centred.T @ (y - average))
        weight[:, kind], bias[kind] = solved, average - middle @ solved
        if (y >= 1).any():
            present[kind] = max(np.quantile(np.clip(x @ solved + bias[kind], 0, 2), 1 - (y >= 1).mean()), 1e-9)
    return {"weight": weight, "bias": bias, "present": present}


def out_of_fold(features: np.ndarray, levels: np.ndarray, groups: Sequence[str], seed: int = 0) -> np.ndarray:
    """Expected levels `[replies, 3]`, each by a reader that saw no reply of the same group."""
    names, own = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    fold = (np.random.default_rng(seed).permutation(len(names)) % FOLDS)[own]
    out = np.full(levels.shape, np.nan)
    for number in range(FOLDS):
        inside = fold != number
        if inside.any() and not inside.all():
            out[~inside] = apply(fit_mechanisms(features[inside], levels[inside]), features[~inside])
    return out


def keep(tensors: dict[str, np.ndarray], file: Path) -> None:
    """Write the weights; no text is in them."""
    from safetensors.numpy import save_file

    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(tensor, dtype=np.float32) for name, tensor in tensors.items()}, file)
