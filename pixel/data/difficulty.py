"""How hard each training row is, so that a curriculum can begin with the easy ones."""

from collections.abc import Mapping, Sequence

import numpy as np

from pixel.data.domains import PROGRESSION, domain_marks, hardest_domain
from pixel.data.label_table import label_table
from pixel.models.labels import EMPATHY_STAGES, FIELDS

WEIGHTS = {"domain": 1.0, "length": 1.0, "labels": 0.5, "empathy": 1.0, "given": 1.0, "loss": 2.0}
"""How much each component counts. A model's own loss says most, where it was measured."""

MECHANISM_STAGE = {
    "emotional_reactions": "resonance",
    "interpretations": "understanding",
    "explorations": "collaboration",
}
"""The stage of empathy that each of EPITOME's mechanisms is taken for, once it is there at all (level 1 or 2)."""


def empathy_stages(dataset) -> np.ndarray:
    """
    The highest stage of empathy that a row shows: recognise, resonate, understand, collaborate.

    `empathy_stage` where it is labelled; else what EPITOME's mechanisms stand for (`MECHANISM_STAGE`); else, where
    only feelings are labelled (the `eq` objective), recognition.

    Returns:
        float64 `[rows]`, indices into `EMPATHY_STAGES`; NaN where none of these is labelled.
    """
    stages = np.full(len(dataset), -1.0)

    def raise_to(rows: np.ndarray, stage) -> None:
        np.maximum.at(stages, rows, stage)

    for name, field in FIELDS.items():
        if name not in dataset.column_names:
            continue
        if field.objective == "eq":
            raise_to(label_table(dataset, name).rows, EMPATHY_STAGES.index("recognition"))
        elif name in MECHANISM_STAGE:
            labelled = label_table(dataset, name)
            there = labelled.values[:, 0] >= 1
            raise_to(labelled.rows, np.where(there, EMPATHY_STAGES.index(MECHANISM_STAGE[name]), 0))
    if "empathy_stage" in dataset.column_names:
        labelled = label_table(dataset, "empathy_stage")
        stages[labelled.rows] = -1.0  # what a person said overrules what was inferred
        raise_to(labelled.rows, labelled.values[:, 0])
    return np.where(stages >= 0, stages, np.nan)


def components(
    dataset,
    *,
    order: Sequence[str] = PROGRESSION,
    given: Sequence[float | None] | None = None,
    loss: Sequence[float | None] | None = None,
) -> dict[str, np.ndarray]:
    """
    What makes a row hard, each in its own unit.

    Args:
        dataset: examples of `encode_dataset`.
        order: knowledge domains, easiest first.
        given: difficulty that the row's author gave it; default: the column `difficulty`, if there is one.
        loss: of a model on each row, e.g. of a short run or a smaller model.

    Returns:
        float64 `[rows]` each, NaN where unknown: `domain` (place of the hardest domain in `order`), `length` (tokens),
        `labels` (labelled turns, counted a field at a time), `empathy` (see `empathy_stages`), `given`, `loss`.

    Raises:
        ValueError: `given` or `loss` not one a row; a domain that nobody knows.
    """
    size = len(dataset)
    domain = hardest_domain(domain_marks(dataset, order)).astype(float)
    labels = np.zeros(size)
    for name in FIELDS:
        if name in dataset.column_names:
            labels += np.bincount(label_table(dataset, name).rows, minlength=size)
    parts = {
        "domain": np.where(domain >= 0, domain, np.nan),
        "labels": labels,
        "empathy": empathy_stages(dataset),
    }
    if "input_ids" in dataset.column_names:
        parts["length"] = np.bincount(label_table(dataset, "input_ids").rows, minlength=size).astype(float)
    if given is None and "difficulty" in dataset.column_names:
        given = dataset["difficulty"]
    for name, values in (("given", given), ("loss", loss)):
        if values is not None:
            parts[name] = np.array([np.nan if x is None else x for x in values], dtype=float)
            if len(parts[name]) != size:
                raise ValueError(f"{name} has {len(parts[name])} values for {size} rows")
    return parts


def percentiles(values: np.ndarray) -> np.ndarray:
    """
    The share of known values below each, half of the equal ones counted: float64 in [0, 1], NaN where unknown.

    Example:
        >>> percentiles(np.array([3.0, 1.0, np.nan, 1.0])).tolist()
        [0.8333333333333334, 0.3333333333333333, nan, 0.3333333333333333]
    """
    known = np.sort(values[~np.isnan(values)])
    if not len(known):
        return np.full(len(values), np.nan)
    middle = (np.searchsorted(known, values, "left") + np.searchsorted(known, values, "right")) / 2
    return np.where(np.isnan(values), np.nan, middle / len(known))


def combine(parts: Mapping[str, np.ndarray], weights: Mapping[str, float] | None = None, seed: int = 0) -> np.ndarray:
    """
    One difficulty from several components.

    Each component becomes a percentile; a row's difficulty is the weighted mean over the components known for it, and
    then again a percentile, so that exactly the share `c` of the rows has a difficulty of at most `c`. Rows that come
    out equal are put into a random order, which the seed fixes: the order of the corpora must not decide.

    Args:
        parts: name -> float `[rows]`, NaN where unknown.
        weights: name -> weight, for those that differ from `WEIGHTS`; 0 leaves a component out.
        seed: of the order among equals.

    Returns:
        float64 `[rows]` in (0, 1].

    Raises:
        ValueError: a weight below 0, for an unknown component, or nothing left to go by.

    Source: competence and difficulty as cumulative shares: Platanios et al., "Competence-based Curriculum Learning for
    Neural Machine Translation", NAACL 2019.
    """
    for name, weight in (weights or {}).items():
        if name not in WEIGHTS or weight < 0:
            raise ValueError(f"difficulty weights: {name}: {weight}; give 0 or more to some of {', '.join(WEIGHTS)}")
    weights = WEIGHTS | dict(weights or {})
    used = [name for name in parts if weights[name] > 0 and not np.isnan(parts[name]).all()]
    if not used:
        raise ValueError(f"nothing to judge difficulty by: all of {', '.join(parts)} weigh 0 or are unknown")
    table = np.stack([percentiles(parts[name]) for name in used])
    weight = np.array([weights[name] for name in used])[:, None] * ~np.isnan(table)
    total = weight.sum(0)
    score = np.where(total > 0, (np.nan_to_num(table) * weight).sum(0) / np.maximum(total, 1e-12), 0.5)
    places = np.lexsort((np.random.default_rng(seed).random(len(score)), np.round(score, 12)))
    out = np.empty(len(score))
    out[places] = np.arange(1, len(score) + 1) / len(score)
    return out


def difficulty(dataset, *, weights: Mapping[str, float] | None = None, seed: int = 0, **given) -> np.ndarray:
    """`combine` of `components`: float64 `[rows]` in (0, 1], the share of rows that are no harder."""
    return combine(components(dataset, **given), weights, seed)
