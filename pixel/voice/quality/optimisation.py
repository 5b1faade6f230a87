"""What to keep under a budget of hours: segments that are good, unlike each other, and from many speakers."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixel.voice.segment import Segment

REFERENCES = 2000
"""Segments whose coverage is counted, at most; more are sampled. The gain of a segment costs one product with them."""


@dataclass(frozen=True)
class Weights:
    """
    How much each aim counts; each is at most its weight, reached by keeping everything.

    Attributes:
        coverage: of what is said: how near the nearest kept segment is to each, by sentence embedding.
        quality: share of all expected correct speech that is kept.
        speakers: square root of each voice's share, so that a quiet second voice counts more than more of the first.
    """

    coverage: float = 1.0
    quality: float = 1.0
    speakers: float = 0.5


def within_budget(
    segments: Sequence[Segment],
    hours: float,
    vectors: np.ndarray,
    weights: Weights | None = None,
    references: int = REFERENCES,
    seed: int = 0,
) -> list[int]:
    r"""
    Segments for the budget, by lazy greedy maximisation of a monotone submodular sum.

    .. math:: F(S) = \frac{a}{n} \sum_i \max_{j \in S} \frac{1 + \cos(v_i, v_j)}{2}
        + b \frac{\sum_{j \in S} t_j q_j}{\sum_j t_j q_j}
        + c \frac{\sum_s \sqrt{t_{S,s}}}{\sum_s \sqrt{t_s}}

    with :math:`t` seconds, :math:`q` quality and :math:`s` speakers; the first term is 0 for an empty set. Each step
    takes the segment with the highest gain a second that still fits; run again by gain alone, and the better of the
    two sets is kept, which is at least (1 - 1/e) / 2 of the best there is.

    Args:
        segments: candidates.
        hours: to keep, above 0.
        vectors: float `[segments, size]` of length 1, e.g. sentence embeddings of the texts.
        weights: of the three aims.
        references: see `REFERENCES`.
        seed: of the sample of references.

    Returns:
        indices in increasing order; all of them where they fit.

    Raises:
        ValueError: the hours are not above 0, or there is not one vector a segment.

    Source: Krause & Golovin, "Submodular Function Maximization", 2014; Leskovec et al., KDD 2007 (both greedy runs);
    Lin & Bilmes, ACL 2011 (coverage and diversity).
    """
    if not hours > 0:
        raise ValueError(f"{hours} hours. Mend: keep more than 0")
    if len(vectors) != len(segments):
        raise ValueError(f"{len(vectors)} vectors for {len(segments)} segments. Mend: give one a segment")
    seconds = np.array([max(one.end - one.start, 1e-3) for one in segments])
    if seconds.sum() <= hours * 3600:
        return list(range(len(segments)))
    aim = _Aim(segments, seconds, vectors, weights or Weights(), references, seed)
    runs = [_greedy(aim, seconds, hours * 3600, by_second) for by_second in (True, False)]
    return sorted(max(runs, key=lambda run: run[0])[1])


def quality_of(segment: Segment) -> float:
    """Expected share of right words in [0, 1]: from the foretold word error rate, else the words' probability."""
    wrong = segment.quality.get("expected_wer")
    if wrong is not None:
        return float(min(1.0, max(0.0, 1 - wrong)))
    return segment.word_probability if segment.word_probability is not None else 0.5


class _Aim:
    """The sum that is maximised, with the state of one greedy run."""

    def __init__(self, segments, seconds, vectors, weights, references, seed):
        self.weights, self.vectors = weights, np.asarray(vectors, dtype=np.float32)
        chosen = np.random.default_rng(seed).permutation(len(segments))[:references]
        self.references = self.vectors[np.sort(chosen)]
        self.seconds = seconds
        good = seconds * np.array([quality_of(one) for one in segments])
        self.good = good / max(good.sum(), 1e-9)
        names = [(one.file, one.speaker or "") for one in segments]
        self.voices = np.unique([f"{file}\n{speaker}" for file, speaker in names], return_inverse=True)[1]
        self.all_voices = np.sqrt(np.bincount(self.voices, seconds)).sum()
        self.empty()

    def empty(self) -> None:
        self.nearest = np.zeros(len(self.references), dtype=np.float32)
        self.spoken = np.zeros(self.voices.max() + 1)

    def near(self, index: int) -> np.ndarray:
        return (1 + self.references @ self.vectors[index]) / 2

    def gain(self, index: int) -> float:
        voice, own = self.voices[index], self.seconds[index]
        covered = np.maximum(self.near(index) - self.nearest, 0).mean()
        heard = np.sqrt(self.spoken[voice] + own) - np.sqrt(self.spoken[voice])
        aims = self.weights
        return float(
            aims.coverage * covered + aims.quality * self.good[index] + aims.speakers * heard / self.all_voices
        )

    def take(self, index: int) -> None:
        self.nearest = np.maximum(self.nearest, self.near(index))
        self.spoken[self.voices[index]] += self.seconds[index]


def _greedy(aim: _Aim, seconds: np.ndarray, budget: float, by_second: bool) -> tuple[float, list[int]]:
    """Value and members of one run. Gains only shrink, so that a stale gain is a bound (lazy evaluation)."""
    aim.empty()
    price = seconds if by_second else np.ones(len(seconds))
    heap = [(-aim.gain(index) / price[index], index, 0) for index in range(len(seconds))]
    heapq.heapify(heap)
    value, left, taken = 0.0, budget, []
    while heap:
        bound, index, age = heapq.heappop(heap)
        if seconds[index] > left:
            continue
        if age < len(taken):
            heapq.heappush(heap, (-aim.gain(index) / price[index], index, len(taken)))
            continue
        aim.take(index)
        value -= bound * price[index]
        left -= seconds[index]
        taken.append(index)
    return value, taken
