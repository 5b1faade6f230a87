"""Fits the learned voices out of fold and whole, chooses the thresholds out of fold, and tells what was measured."""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from pixel.hub.packages import cache_home

from . import measuring, voices
from .corpora import Row
from .features import text_features
from .ladder import RUNGS, Ladder, at_least, fit, severity
from .text import prepare

PENALTY = 3.0
FOLDS = 5
ANY_RECALL, HIGH_RECALL = 0.955, 0.975
"""Recalls at which thresholds are set out of fold: what is asked for and half a point, so that it holds elsewhere."""


def read_windows(rows: Sequence[Row], embed: bool) -> tuple[np.ndarray, object, np.ndarray | None]:
    """Rule features, n-grams and embeddings of every row's first window; embeddings are kept in Pixel's cache."""
    texts = [prepare(row.text).windows[0] for row in rows]
    rules, ngrams, _ = text_features(texts)
    return rules, ngrams, _cached(texts) if embed else None


def _cached(texts: list[str]) -> np.ndarray | None:
    file = cache_home() / "screen" / "embeddings.npz"
    known = {}
    if file.exists():
        with np.load(file) as saved:
            known = dict(zip(saved["keys"].tolist(), saved["values"].astype(np.float32), strict=True))
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if new:
        values = voices.embed(list(new.values()))
        if values is None:
            return None
        known |= dict(zip(new, values, strict=True))
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, keys=np.array(list(known)), values=np.stack(list(known.values())).astype(np.float16))
    return np.stack([known[key] for key in keys])


def folds(rows: Sequence[Row], seed: int = 0) -> np.ndarray:
    """Fold of each row; groups stay whole, rungs and sources are spread evenly."""
    from sklearn.model_selection import StratifiedGroupKFold

    strata = np.array([f"{row.source}{row.rung}" for row in rows])
    cut = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    fold = np.zeros(len(rows), int)
    for number, (_, held) in enumerate(cut.split(strata, strata, [row.group for row in rows])):
        fold[held] = number
    return fold


def fit_voices(
    rows: Sequence[Row], rules, ngrams, embeddings, told: Callable[[str], None] = print
) -> tuple[voices.Voices, dict[str, np.ndarray]]:
    """
    Args:
        rows: what to learn from; those of importance 0 are only measured.
        rules, ngrams, embeddings: of the rows, from `read_windows`.
        told: hears how far it is.

    Returns:
        the voices fitted on all rows with thresholds chosen out of fold, and each voice's logits out of fold
        `[rows, 6]`, with `mean` beside them.
    """
    inputs = {"text": voices.text_input(rules, ngrams)}
    if embeddings is not None:
        inputs["embedding"] = voices.embedding_input(rules, embeddings)
    targets = np.stack([row.target for row in rows])
    importance = np.array([row.importance for row in rows])
    fold, out, whole = folds(rows), {}, {}
    for name, features in inputs.items():
        out[name] = np.zeros((len(rows), RUNGS))
        for number in [*range(FOLDS), None]:
            train = np.flatnonzero((fold != number) & (importance > 0))
            fitted = fit(features[train], targets[train], importance[train], PENALTY)
            fitted = Ladder(fitted.weights.astype(np.float16).astype(np.float32), fitted.bias)  # as it is kept
            if number is None:
                whole[name] = fitted
            else:
                out[name][fold == number] = fitted.logits(features[fold == number])
                told(f"{name}: fold {number + 1} of {FOLDS}")
    out["mean"] = np.mean(list(out.values()), axis=0)
    thresholds = {name: choose_thresholds(rows, out[name]) for name in ("mean", "text")}
    return voices.Voices(whole["text"], whole.get("embedding"), thresholds, {}), out


def choose_thresholds(rows: Sequence[Row], logits: np.ndarray) -> dict[str, float]:
    """
    On out-of-fold posts: `any` and `high` on the probabilities of at least rung 1 and 4, at `ANY_RECALL` and
    `HIGH_RECALL`; `flag` on the probability of at least rung 1 as well, but where posts of rung 4 or more are found at
    `HIGH_RECALL`: higher than `any`, so that ordinary talk is left alone.
    """
    chosen = np.array([row.source == "posts" for row in rows])
    rung = np.array([row.rung for row in rows])[chosen]
    found = severity(logits[chosen])
    some, high = at_least(found, 1), at_least(found, 4)
    return {
        "any": round(measuring.threshold(some, rung >= 1, ANY_RECALL), 4),
        "high": round(measuring.threshold(high, rung >= 4, HIGH_RECALL), 4),
        "flag": round(measuring.threshold(some, rung >= 4, HIGH_RECALL), 4),
    }
