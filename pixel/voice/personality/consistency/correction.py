"""What to do about samples that do not sound like the voice they are under: split, move or drop them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pixel.voice.personality.consistency.across import DOUBT, belonging
from pixel.voice.personality.consistency.drift import Change
from pixel.voice.personality.consistency.likeness import Likeness, profile
from pixel.voice.personality.consistency.samples import WORDS, Sample, samples_of
from pixel.voice.segment import Segment

SURE = 0.8
"""Samples move to another voice where they belong to it with at least this probability."""


class Proposal(NamedTuple):
    """
    Attributes:
        action: `split` (a voice of its own from here on), `move` (to voice `to`) or `drop`.
        voice: under which the sample is.
        sample: its id.
        to: the voice it would be under; `None` where it is dropped.
        probability: that it belongs where it is; of a run that a change sets off, the change's p (which is no
            probability that nothing changed).
        reason: in words.
    """

    action: str
    voice: str
    sample: str
    to: str | None
    probability: float
    reason: str

    def as_row(self) -> dict[str, Any]:
        """Plain JSON values."""
        return self._asdict() | {"probability": round(self.probability, 4)}


class Run(NamedTuple):
    """A voice's samples between two changes, and the p of the change that sets them off (1 where there is none)."""

    samples: tuple[Sample, ...]
    p: float


def runs_of(
    voice: str, segments: Sequence[Segment], found: Sequence[Change], words: int = WORDS, most: int | None = None
) -> list[Run]:
    """
    A voice's talk cut where it changes, and each part into samples; none reaches over a change.

    Args:
        voice: whose segments these are.
        segments: in order.
        found: `drift.changes` of their texts.
        words: of a sample.
        most: samples of a run at most, evenly taken.
    """
    borders = [0, *(change.place for change in found), len(segments)]
    ps = [found[0].p if found else 1.0, *(change.p for change in found)]
    parts = [samples_of(voice, segments[a:b], words) for a, b in zip(borders, borders[1:], strict=False)]
    return [Run(tuple(evenly(part, most)), p) for part, p in zip(parts, ps, strict=True) if part]


def evenly(samples: Sequence[Sample], most: int | None) -> list[Sample]:
    """At most so many, from all over."""
    if most is None or len(samples) <= most:
        return list(samples)
    return [samples[place] for place in np.linspace(0, len(samples) - 1, most).round().astype(int)]


def propose(
    runs: Mapping[str, Sequence[Run]], vectors: Mapping[str, np.ndarray], likeness: Likeness
) -> list[Proposal]:
    """
    What does not belong, and where it might.

    Of a voice's runs the longest keeps the name; every other one moves to a voice that it is surely like or becomes
    one of its own. Then single samples unlike the rest of their run are named.

    Args:
        runs: voice -> `runs_of`.
        vectors: sample's id -> fingerprint.
        likeness: fitted with the same.
    """
    main = {name: max(own, key=lambda run: len(run.samples)).samples for name, own in runs.items() if own}
    out = []
    for name, own in runs.items():
        others = {other: samples for other, samples in main.items() if other != name}
        for number, (run, p) in enumerate(own):
            if run is not main[name]:
                to = _where(run, others, vectors, likeness)
                reason = "the voice changes" + (f", and sounds like {to}" if to else "")
                action = "move" if to else "split"
                out += [Proposal(action, name, one.id, to or f"{name} ({number + 1})", p, reason) for one in run]
            elif len(run) > 2:
                out += _odd(name, run, others, vectors, likeness)
    return out


def apply(samples: Sequence[Sample], proposals: Sequence[Proposal]) -> list[Sample]:
    """The samples under the voices proposed, without those to drop; measure their consistency anew."""
    to = {one.sample: one for one in proposals}
    kept = [one for one in samples if one.id not in to or to[one.id].action != "drop"]
    return [
        one if one.id not in to else Sample(**one.__dict__ | {"voice": to[one.id].to or one.voice}) for one in kept
    ]


def _odd(
    name: str,
    run: Sequence[Sample],
    others: Mapping[str, Sequence[Sample]],
    vectors: Mapping[str, np.ndarray],
    likeness: Likeness,
) -> list[Proposal]:
    belongs = belonging(np.array([vectors[one.id] for one in run]), [one.words for one in run], likeness)
    out = []
    for one, probability in zip(run, belongs.tolist(), strict=True):
        if probability < DOUBT:
            to = _where([one], others, vectors, likeness)
            reason = f"unlike the rest of the voice{f', and sounds like {to}' if to else ''}"
            out.append(Proposal("move" if to else "drop", name, one.id, to, probability, reason))
    return out


def _where(
    run: Sequence[Sample],
    voices: Mapping[str, Sequence[Sample]],
    vectors: Mapping[str, np.ndarray],
    likeness: Likeness,
) -> str | None:
    """The voice that a run is most like, where that is sure; each of n voices has a chance of 1/n beforehand."""
    own, words, best = profile([vectors[one.id] for one in run]), sum(one.words for one in run), (SURE, None)
    for name, samples in voices.items():
        cosine = own @ profile([vectors[one.id] for one in samples])
        even = float(likeness.probability(cosine, words, sum(one.words for one in samples)))
        probability = even / (even + len(voices) * (1 - even))
        if probability >= best[0]:
            best = (probability, name)
    return best[1]
