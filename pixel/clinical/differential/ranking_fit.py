"""Fitting the ranking of the differential engine on made vignettes."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from tqdm.auto import tqdm

from pixel.clinical.differential.engine import FEATURES, WEIGHTS, DifferentialEngine
from pixel.clinical.differential.findings import Picture
from pixel.clinical.differential.measuring import measure

PENALTY = 1e-3
"""Of the squared weights, beside the mean negative log-likelihood."""
FLOORS = (0.02, 0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4)
RATIOS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)


def fit_ranking(
    engine: DifferentialEngine,
    pictures: Sequence[Picture],
    truths: Sequence[Sequence[str]],
    kind: str,
) -> dict[str, float]:
    r"""
    Maximise the likelihood of the true categories among those considered, then choose `floor` and `ratio` by the F1 of
    what is supported.

    .. math:: L = -\frac1n \sum_i \log \sum_{c \in T_i} P_i(c) + \lambda \lVert w \rVert^2

    Args:
        engine: whose base is used; its weights of this kind are replaced.
        pictures: what was disclosed, or what readers made of it that had not seen its wording.
        truths: categories that are true of each.
        kind: `entered` or `read`.

    Returns:
        the weights, and `sensitivity`, `ppv` and `f1` on the vignettes fitted on.
    """
    tables, marks = [], []
    for picture, truth in tqdm(list(zip(pictures, truths, strict=True)), desc="Features"):
        outcomes = engine.outcomes(picture)
        mark = torch.tensor([name in truth for name in outcomes], dtype=torch.bool)
        if mark.any():
            tables.append(torch.tensor([engine.features(outcome, picture) for outcome in outcomes.values()]))
            marks.append(mark)
    weight = torch.zeros(len(FEATURES), requires_grad=True)
    optimizer = torch.optim.LBFGS([weight], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        terms = [
            (table @ weight)[mark].logsumexp(0) - (table @ weight).logsumexp(0)
            for table, mark in zip(tables, marks, strict=True)
        ]
        value = -torch.stack(terms).mean() + PENALTY * weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    weights = dict(zip(FEATURES, weight.detach().tolist(), strict=True))
    engine.weights[kind] = weights | {"floor": 0.0, "ratio": 0.0}
    ranked = [engine.rank(picture) for picture in pictures]
    best: dict[str, float] = {"f1": -1.0}
    for floor in FLOORS:
        for ratio in RATIOS:
            kept = [
                [r for r in many if r.supported and r.probability >= max(floor, ratio * many[0].probability)]
                for many in ranked
            ]
            found = measure([[r.outcome.category for r in many] for many in kept], truths)
            f1 = 2 * found["sensitivity"] * found["ppv"] / max(1e-9, found["sensitivity"] + found["ppv"])
            if f1 > best["f1"]:
                best = {"floor": floor, "ratio": ratio, "f1": f1} | {k: found[k] for k in ("sensitivity", "ppv")}
    engine.weights[kind] = weights | {"floor": best["floor"], "ratio": best["ratio"]}
    return engine.weights[kind] | {name: best[name] for name in ("sensitivity", "ppv", "f1")}


def keep_weights(engine: DifferentialEngine, file: Path = WEIGHTS) -> Path:
    """Write the engine's weights as JSON."""
    rounded = {kind: {name: round(value, 4) for name, value in many.items()} for kind, many in engine.weights.items()}
    file.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")
    return file
