"""How good differentials are: sensitivity and positive predictive value of what is named."""

from collections.abc import Sequence


def measure(named: Sequence[Sequence[str]], truths: Sequence[Sequence[str]]) -> dict[str, float]:
    """
    Over all vignettes together.

    Args:
        named: categories that were named for each.
        truths: categories that are true of each.

    Returns:
        `sensitivity`: part of the true categories that was named. `ppv`: part of those named that is true. `named`:
        mean number named. `over`: share of vignettes with at least one named that is not true (over-diagnosis).

    Source: sensitivity and PPV per diagnosis, as in the evaluations of language models on DSM-5-TR case vignettes.
    """
    right = sum(len(set(one) & set(truth)) for one, truth in zip(named, truths, strict=True))
    count, true = sum(map(len, named)), sum(map(len, truths))
    over = [bool(set(one) - set(truth)) for one, truth in zip(named, truths, strict=True)]
    return {
        "sensitivity": right / true if true else 0.0,
        "ppv": right / count if count else 0.0,
        "named": count / len(named) if named else 0.0,
        "over": sum(over) / len(over) if over else 0.0,
    }


def top(ranked: Sequence[Sequence[str]], truths: Sequence[Sequence[str]], k: int) -> float:
    """Share of vignettes with a true category among the first `k` ranked."""
    hits = [bool(set(many[:k]) & set(truth)) for many, truth in zip(ranked, truths, strict=True)]
    return sum(hits) / len(hits) if hits else 0.0
