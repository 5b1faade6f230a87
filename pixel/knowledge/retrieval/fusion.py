"""From a cosine and a lexical score to one relevance in [0, 1]; how they are weighted depends on the query."""

from dataclasses import asdict, dataclass

import numpy as np

LEAST_UNDERSTOOD = 0.5
"""Share of a query's words that must be English or known to the index; below it relevance falls in proportion."""

USUAL_WORDS = 5
"""Words (without function words) of the query at which `Fusion.weight` is stated."""


@dataclass(frozen=True)
class Fusion:
    r"""
    Weighted fusion whose weight is learned from a trait of the query, its length, and a calibrated relevance.

    .. math:: s = \cos + w \left(\frac{1 + |q|}{1 + 5}\right)^p \mathrm{lexical}, \qquad
        \mathrm{relevance} = \sigma(a \, s + b + c \log(1 + |q|)) \cdot \min(1, u / .5)

    with :math:`|q|` the query's words and :math:`u` the share of words that are understood. The lexical score is a
    share of what the query holds, which is small for a long query: its weight must grow with the length.

    The standard numbers were learned by `recipes/benchmark.py retrieval` from its three sets (inclusion terms of
    ICD-10-CM, MedQuAD mental health, CounselChat) and from remarks about anything as queries that nothing answers;
    the tables it prints come from folds that the weights had not seen. Relevance is strict: passages that would have
    served but that nobody marked count as wrong. Of passages it gives .2 to .3, 18 percent were marked; right finds
    among short, alike passages (names of disorders) lie near .1; questions about cars and pizza stay below .01. A
    floor of .02 to .05 leaves out what is about something else.

    Args:
        weight: w, at least 0; of the lexical score for a query of five words.
        power: p.
        slope, offset, length: a, b and c.

    Source: Bruch et al., "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023 (weighted scores over
    reciprocal ranks); Platt, "Probabilistic Outputs for Support Vector Machines", 1999.

    Example:
        >>> fusion = Fusion(weight=0.5, power=1.0)
        >>> fusion.lexical_weight(5), fusion.lexical_weight(11)
        (0.5, 1.0)
    """

    weight: float = 0.333
    power: float = 0.454
    slope: float = 6.351
    offset: float = -7.293
    length: float = 0.196

    def lexical_weight(self, words: int) -> float:
        """How much a lexical score counts beside a cosine, for a query of so many words; at most 3."""
        return min(3.0, self.weight * ((1 + words) / (1 + USUAL_WORDS)) ** self.power)

    def score(self, cosine: np.ndarray, lexical: np.ndarray, words: int) -> np.ndarray:
        """What passages are ranked by; higher is better, comparable within one query only."""
        return cosine + self.lexical_weight(words) * lexical

    def relevance(self, score: np.ndarray, words: int, understood: float = 1.0) -> np.ndarray:
        """
        Args:
            score: of `score`, `[passages]`.
            words: of the query.
            understood: share of the query's words that are English or known, in [0, 1].

        Returns:
            `[passages]` in [0, 1], in the order of the scores.
        """
        logit = np.clip(self.slope * score + self.offset + self.length * np.log1p(words), -60.0, 60.0)
        return min(1.0, understood / LEAST_UNDERSTOOD) / (1.0 + np.exp(-logit))

    def to_json(self) -> dict[str, float]:
        """As plain numbers, for the manifest of an index."""
        return asdict(self)
