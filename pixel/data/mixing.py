"""Several corpora, one training set: temperature between them, a floor for every objective."""

from collections.abc import Mapping

import numpy as np

from pixel.models.labels import FIELDS


def mixture_sizes(sizes: Mapping[str, int], temperature: float = 1.0, total: int | None = None) -> dict[str, int]:
    """
    How many rows to take from each corpus.

    Args:
        sizes: rows in each.
        temperature: shares are proportional to `size ** (1 / temperature)`; 1 keeps the sizes' own proportions,
            larger values even them out.
        total: rows in all; by default as many as there are, so that small corpora repeat where temperature is above 1.

    Raises:
        ValueError: temperature not positive, or nothing to mix.

    Source: Raffel et al., "Exploring the Limits of Transfer Learning", JMLR 2020, section 3.5.2.
    """
    if temperature <= 0:
        raise ValueError(f"temperature is {temperature}; it must be above 0")
    sizes = {name: size for name, size in sizes.items() if size}
    if not sizes:
        raise ValueError("no rows to mix: every corpus is empty")
    weights = np.array([size ** (1 / temperature) for size in sizes.values()])
    wanted = weights / weights.sum() * (total or sum(sizes.values()))
    return {name: max(1, round(count)) for name, count in zip(sizes, wanted, strict=True)}


def objectives_of(dataset) -> dict[str, np.ndarray]:
    """For each objective, which rows hold a label of one of its fields (or, for language, a token to learn)."""
    marks: dict[str, np.ndarray] = {}
    for name, field in FIELDS.items():
        if name in dataset.column_names:
            has = np.array([x is not None and any(y is not None for y in x) for x in dataset[name]], dtype=bool)
            marks[field.objective] = marks.get(field.objective, np.zeros(len(dataset), dtype=bool)) | has
    if "labels" in dataset.column_names:  # of encoded examples
        marks["language"] = np.array([any(token != -100 for token in row) for row in dataset["labels"]], dtype=bool)
    return marks


def mix(
    corpora: Mapping[str, object],
    *,
    temperature: float = 1.0,
    quotas: Mapping[str, float] | None = None,
    total: int | None = None,
    seed: int = 0,
):
    """
    Mix corpora into one shuffled `Dataset`.

    Args:
        corpora: name -> `Dataset`, all with columns of one schema (absent label columns count as unlabelled).
        temperature: see `mixture_sizes`.
        quotas: objective -> least share of rows that hold a label for it; short ones are filled by repeating rows
            that do.
        total: rows before quotas.
        seed: of the draw.

    Raises:
        ValueError: a quota for an objective that nothing is labelled for, or quotas that sum to 1 or more.
    """
    from datasets import concatenate_datasets

    random = np.random.default_rng(seed)
    parts = []
    for name, count in mixture_sizes({n: len(d) for n, d in corpora.items()}, temperature, total).items():
        size = len(corpora[name])
        whole, rest = divmod(count, size)
        chosen = np.concatenate([*[np.arange(size)] * whole, random.choice(size, rest, replace=False)])
        parts.append(corpora[name].select(chosen.astype(int)))
    mixed = concatenate_datasets(parts)
    if quotas:
        mixed = _fill(mixed, quotas, random)
    return mixed.shuffle(seed=seed)


def _fill(mixed, quotas: Mapping[str, float], random: np.random.Generator):
    if sum(quotas.values()) >= 1:
        raise ValueError(f"quotas sum to {sum(quotas.values()):.2f}; they must leave room below 1")
    marks = objectives_of(mixed)
    rows = np.arange(len(mixed))
    for objective in quotas:
        if not marks.get(objective, np.zeros(1)).any():
            raise ValueError(f"quota for {objective!r}, but no row is labelled for it; add a corpus or drop the quota")
    short = True
    while short:  # rows added for one objective dilute the others
        short = False
        for objective, share in quotas.items():
            lacking = int(np.ceil((share * len(rows) - marks[objective][rows].sum()) / (1 - share) - 1e-9))
            if lacking > 0:
                rows = np.concatenate([rows, random.choice(np.flatnonzero(marks[objective]), lacking)])
                short = True
    return mixed.select(rows) if len(rows) > len(mixed) else mixed
