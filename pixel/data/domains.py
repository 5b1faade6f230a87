"""Knowledge domains: which part of psychology a row teaches, and in which order a learner meets them."""

from collections.abc import Sequence

import numpy as np

from pixel.data.label_table import label_table
from pixel.models.labels import FIELDS

DSM_CHAPTERS = {
    "neurodevelopmental": 10, "psychotic": 7, "bipolar": 3, "depressive": 4, "anxiety": 7, "obsessive_compulsive": 5,
    "trauma": 6, "dissociative": 3, "somatic": 5, "feeding_and_eating": 6, "elimination": 2, "sleep_wake": 7,
    "sexual": 7, "gender_dysphoria": 1, "disruptive_impulse_control": 5, "substance": 8, "neurocognitive": 3,
    "personality": 10, "paraphilic": 1,
}  # fmt: skip
"""Chapters of DSM-5-TR and how many of `DSM_CATEGORIES`, which stand in chapter order, each holds."""

CHAPTER_OF = tuple(name for name, count in DSM_CHAPTERS.items() for _ in range(count))
"""The chapter of each of `DSM_CATEGORIES`."""

PROGRESSION = (
    "language", "eq", "persona", "empathy", "clinical", "depressive", "anxiety", "trauma", "sleep_wake", "substance",
    "obsessive_compulsive", "feeding_and_eating", "somatic", "disruptive_impulse_control", "neurodevelopmental",
    "bipolar", "sexual", "gender_dysphoria", "elimination", "neurocognitive", "dissociative", "psychotic",
    "personality", "paraphilic",
)  # fmt: skip
"""
From what everybody meets to what specialists do: talk, feelings, the two personas, empathy, clinical turns without a
diagnosis, then the chapters from the most common presentations to rare and complex ones. A judgement, not a
measurement: give another order where it does not fit.
"""


def domain_marks(dataset, order: Sequence[str] = PROGRESSION) -> np.ndarray:
    """
    The domains of every row.

    A row belongs to each objective that it holds a label of (`language`: a token to learn), and to each DSM chapter
    that one of its turns is labelled with at 0.5 or more.

    Args:
        dataset: examples of `encode_dataset`, packed or not.
        order: domains, easiest first: names of objectives and of `DSM_CHAPTERS`.

    Returns:
        bool `[rows, len(order)]`.

    Raises:
        ValueError: a domain that nobody knows.
    """
    known = {field.objective for field in FIELDS.values()} | {"language"} | set(DSM_CHAPTERS)
    for name in order:
        if name not in known:
            raise ValueError(f"no knowledge domain is called {name!r}; use some of: {', '.join(sorted(known))}")
    marks = np.zeros((len(dataset), len(order)), dtype=bool)
    place = {name: at for at, name in enumerate(order)}
    for name, field in FIELDS.items():
        if field.objective in place and name in dataset.column_names:
            marks[label_table(dataset, name).rows, place[field.objective]] = True
    if "language" in place and "labels" in dataset.column_names:
        tokens = label_table(dataset, "labels")
        marks[tokens.rows[tokens.values[:, 0] != -100], place["language"]] = True
    if "dsm" in dataset.column_names:
        labelled = label_table(dataset, "dsm")
        turns, categories = np.nonzero(labelled.values >= 0.5)
        for turn, category in zip(turns, categories, strict=True):
            if CHAPTER_OF[category] in place:
                marks[labelled.rows[turn], place[CHAPTER_OF[category]]] = True
    return marks


def hardest_domain(marks: np.ndarray) -> np.ndarray:
    """The last domain in the order that each row belongs to, int `[rows]`; -1 for a row that belongs to none."""
    last = marks.shape[1] - 1 - marks[:, ::-1].argmax(1)
    return np.where(marks.any(1), last, -1)
