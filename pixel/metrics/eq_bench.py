"""EQ-Bench v2: how near a model's intensities of four emotions lie to the reference, from its written answer."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pixel.metrics.measure import Measure, defined, undefined

SCALE = 0.7477
"""Chosen by the authors so that answering at random scores 0."""
ENOUGH = 5 / 6
"""The authors count a run with a smaller share of parseable answers as failed."""
REVISED_SHARE = 0.95
"""The revised answers count only if at least this share of the first-pass ones could be read."""
HEADINGS = re.compile(r"^\W*(first pass scores|critique|revised scores)\W*:", re.IGNORECASE | re.MULTILINE)


class Passes(NamedTuple):
    """Item scores of one answer, before and after its own critique; `None` where it could not be read."""

    first: float | None
    revised: float | None


def difference_penalty(difference: float) -> float:
    r"""
    What one emotion costs.

    .. math:: 0 \text{ if } d = 0, \quad \frac{6.5}{1 + e^{-1.2 (d - 4)}} \text{ if } d \le 5, \quad d \text{ else}
    """
    if difference == 0:
        return 0.0
    return 6.5 / (1 + float(np.exp(-1.2 * (difference - 4)))) if difference <= 5 else float(difference)


def item_score(reference: Mapping[str, float], given: Mapping[str, float]) -> float:
    """
    One item: 10 less the scaled penalties. 10 for the reference itself, about 0 for a random answer.

    Args:
        reference: emotion -> intensity from 0 to 10.
        given: the same emotions.
    """
    return 10 - SCALE * sum(difference_penalty(abs(given[name] - reference[name])) for name in reference)


def read_answer(answer: str, emotions: Sequence[str]) -> tuple[dict[str, float] | None, dict[str, float] | None]:
    """
    The scores before and after the critique, out of an answer in the benchmark's format.

    Markdown, capitals, `=` or `-` for the colon, decimals and `7/10` are forgiven; where an emotion is scored twice
    under one heading, the last counts; where a heading comes twice, the first. A pass is unreadable if an emotion is
    missing or a score is not in 0 to 10.
    Without headings the whole answer is the first pass.

    Args:
        answer: what the model wrote.
        emotions: the four asked for.

    Returns:
        (first pass, revised), each emotion -> score, or `None`.
    """
    text = re.sub(r"[*#_`]", "", answer)
    parts, found = {}, list(HEADINGS.finditer(text))
    for heading, following in zip(found, [*found[1:], None], strict=False):
        parts.setdefault(heading.group(1).lower(), text[heading.end() : following.start() if following else len(text)])
    if "revised scores" not in parts and "first pass scores" not in parts:
        parts["first pass scores"] = text
    return tuple(_scores(parts.get(name, ""), emotions) for name in ("first pass scores", "revised scores"))


def _scores(text: str, emotions: Sequence[str]) -> dict[str, float] | None:
    scores = {}
    for emotion in emotions:
        said = re.findall(rf"(?<!\w){re.escape(emotion)}\s*[:=\-]\s*(-?\d+(?:\.\d+)?)", text, re.IGNORECASE)
        if not said or not 0 <= float(said[-1]) <= 10:
            return None
        scores[emotion] = float(said[-1])
    return scores


def passes(reference: Mapping[str, float], answer: str) -> Passes:
    """Both item scores of one written answer."""
    first, revised = (given and item_score(reference, given) for given in read_answer(answer, list(reference)))
    return Passes(first, revised)


def total(items: Sequence[Passes]) -> tuple[Measure, float, list[float | None]]:
    """
    The benchmark's score: 10 times the mean item over the answers that could be read, of the better pass.

    The revised pass counts where its score is not lower and it has at least 95% as many readable answers.

    Args:
        items: one a question.

    Returns:
        score (100 is the reference itself), percent of answers that could be read, and the item scores that counted.
    """
    sides = [[item[side] for item in items] for side in (0, 1)]
    readable = [[score for score in side if score is not None] for side in sides]
    means = [10 * float(np.mean(side)) if side else 0.0 for side in readable]
    chosen = int(means[1] >= means[0] and len(readable[1]) >= REVISED_SHARE * len(readable[0]) and bool(readable[1]))
    percent = 100 * len(readable[chosen]) / len(items) if items else 0.0
    value = defined(means[chosen]) if readable[chosen] else undefined("no answer could be read")
    return value, percent, sides[chosen]


def reference_scores(reference: Mapping[str, Any]) -> dict[str, float]:
    """
    A reference as emotion -> score, out of `{"emotions": [...], "scores": [...]}` or the benchmark's own
    `{"emotion1": ..., "emotion1_score": ...}`.
    """
    if "emotions" in reference:
        return dict(zip(reference["emotions"], map(float, reference["scores"]), strict=True))
    numbers = range(1, 1 + sum(key.endswith("_score") for key in reference))
    return {reference[f"emotion{n}"]: float(reference[f"emotion{n}_score"]) for n in numbers}


def eq_bench(references: Sequence[Mapping[str, Any]], answers: Sequence[str]) -> Measure:
    """
    EQ-Bench v2 score of written answers.

    Args:
        references: as in `reference_scores`.
        answers: what the model wrote to each question.

    Returns:
        `Measure` up to 100; undefined where no answer could be read. Give `eq_bench_parseable` beside it.

    Source: Paech, "EQ-Bench: An Emotional Intelligence Benchmark for Large Language Models", 2023, with the full-scale
    scoring of version 2. Deviations: our reader forgives more spellings, takes a first pass that no revision follows,
    and refuses scores outside 0 to 10.
    """
    return total([passes(reference_scores(r), a) for r, a in zip(references, answers, strict=True)])[0]


def eq_bench_parseable(references: Sequence[Mapping[str, Any]], answers: Sequence[str]) -> Measure:
    """Percent of answers that could be read, of the pass that counts; undefined without answers."""
    if not len(answers):
        return undefined("no answers")
    return defined(total([passes(reference_scores(r), a) for r, a in zip(references, answers, strict=True)])[1])
