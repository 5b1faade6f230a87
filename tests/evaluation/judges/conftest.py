"""Made-up pairs and judges whose answers are known."""

import numpy as np
import pytest

from pixel.evaluation.judges.judge import Pair, Side


class Oracle:
    """Says what people said, with chosen faults."""

    kind, by_position = "oracle", True

    def __init__(self, name="oracle", wrong=0.0, first=0.0, moody=False, subject=None, seed=0):
        self.name, self.wrong, self.first, self.moody, self.subject = name, wrong, first, moody, subject
        self.seed, self.prepared = seed, None

    def prepare(self, labelled):
        self.prepared = labelled

    def same_as(self, subject):
        return f"{self.name} is the subject itself" if subject is not None and subject == self.subject else None

    def prefer(self, pairs, criterion, repeat):
        generator = np.random.default_rng([self.seed, repeat if self.moody else 0])
        truth = np.where([pair.first_better for pair in pairs], 1.0, -1.0)
        flipped = np.where(generator.random(len(pairs)) < self.wrong, -truth, truth)
        return np.stack([flipped + self.first, flipped - self.first], 1)


@pytest.fixture
def oracle():
    return Oracle


@pytest.fixture
def pairs():
    """Sixty pairs, each of its own group; the reply people preferred is the longer in half of them."""
    found = []
    for number in range(60):
        short, long = f"i see {number}", f"i see what you mean here {number}"
        better, worse = (short, long) if number % 2 else (long, short)
        first = number % 4 < 2
        sides = [
            Side(f"hello {number}", text, f"p{number}") for text in ((better, worse) if first else (worse, better))
        ]
        found.append(Pair(f"pair:{number}", *sides, f"p{number}", first))
    return found
