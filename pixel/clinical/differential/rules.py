"""Decision rules over all categories: what is ruled out, and what is explained better by something else."""

from collections.abc import Mapping
from dataclasses import replace

from pixel.clinical.differential.criteria import Outcome
from pixel.knowledge.schema import Category

NEARLY = 0.9
"""Share of its criteria that another category must meet before it can explain this one better."""


def ruled_out(outcome: Outcome) -> bool:
    """
    Whether a category is out: an exclusion holds, its duration or onset contradicts it, or what a core criterion needs
    was denied. Missing information rules nothing out.
    """
    return bool(outcome.excluded) or any(name in outcome.denied for name in ("duration", "onset")) or outcome.core == 0


def explained_better(outcomes: Mapping[str, Outcome], categories: Mapping[str, Category]) -> dict[str, Outcome]:
    """
    Apply "not better explained by": a category that names another in an exclusion yields to it where that one meets
    (nearly) all of its own criteria, is not ruled out itself, and meets a larger share than this one by no less.

    The knowledge base holds no circles of such exclusions (`pixel.knowledge.checks`), so the order does not matter.

    Returns:
        id -> outcome, with the exclusion's id and a reason added where it applies.
    """
    found = dict(outcomes)
    for name, outcome in outcomes.items():
        for exclusion in categories[name].exclusions:
            for other in exclusion.disorders:
                rival = outcomes.get(other)
                if rival is None or ruled_out(rival) or rival.core < 1 or rival.share < max(NEARLY, outcome.share):
                    continue
                reason = f"{exclusion.id} excludes ({exclusion.kind}): explained better by {other}"
                current = found[name]
                found[name] = replace(
                    current, excluded=(*current.excluded, exclusion.id), reasons=(*current.reasons, reason)
                )
    return found
