"""Which symptoms belong to which categories: a bipartite graph, and how telling each symptom is."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from pixel.knowledge.loading import Knowledge


@dataclass(frozen=True)
class Edge:
    """A symptom that a criterion of a category asks for. `core` where the category is not considered without it."""

    category: str
    symptom: str
    criterion: str
    core: bool


class SymptomGraph:
    r"""
    Edges between symptoms and categories, from the criteria.

    A symptom's specificity is its inverse document frequency, scaled to [0, 1]:

    .. math:: s = \frac{\log (n / df)}{\log n}

    with :math:`n` categories, :math:`df` of which ask for it: 1 where one alone does, 0 where all do.

    Source: Sparck Jones, "A statistical interpretation of term specificity", Journal of Documentation 28, 1972.
    """

    def __init__(self, knowledge: Knowledge):
        self.edges = [
            Edge(name, symptom, criterion.id, criterion.core)
            for name, category in knowledge.categories.items()
            for criterion in category.criteria
            for symptom in dict.fromkeys(criterion.symptoms)
        ]
        self.categories: dict[str, list[Edge]] = {name: [] for name in knowledge.categories}
        self.symptoms: dict[str, list[Edge]] = {name: [] for name in knowledge.symptoms}
        for edge in self.edges:
            self.categories[edge.category].append(edge)
            self.symptoms.setdefault(edge.symptom, []).append(edge)

    def categories_of(self, symptom: str) -> list[str]:
        """Categories that ask for a symptom, each once."""
        return list(dict.fromkeys(edge.category for edge in self.symptoms.get(symptom, ())))

    def symptoms_of(self, category: str) -> list[str]:
        """Symptoms that a category asks for, each once."""
        return list(dict.fromkeys(edge.symptom for edge in self.categories[category]))

    def specificity(self, symptom: str) -> float:
        """In [0, 1]; 0 for a symptom that no category asks for."""
        count, total = len(self.categories_of(symptom)), len(self.categories)
        return math.log(total / count) / math.log(total) if count and total > 1 else 0.0

    def overlap(self, first: str, second: str) -> float:
        """Jaccard index of two categories' symptoms, in [0, 1]."""
        one, two = set(self.symptoms_of(first)), set(self.symptoms_of(second))
        return len(one & two) / len(one | two) if one | two else 0.0

    def nearest(self, category: str, k: int = 5) -> list[tuple[str, float]]:
        """The `k` categories with the largest overlap, largest first."""
        others = ((name, self.overlap(category, name)) for name in self.categories if name != category)
        return sorted(others, key=lambda pair: (-pair[1], pair[0]))[:k]

    def candidates(self, symptoms: Iterable[str]) -> list[str]:
        """Categories that ask for any of these symptoms, most telling first."""
        weight: dict[str, float] = {}
        for symptom in set(symptoms):
            for name in self.categories_of(symptom):
                weight[name] = weight.get(name, 0.0) + self.specificity(symptom)
        return sorted(weight, key=lambda name: (-weight[name], name))
