"""Quality of replies, mode by mode: what is good in one voice is not what is good in the other."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from pixel.clinical.appropriateness.pair_features import Pair
from pixel.metrics.measure import Measure, defined, undefined
from pixel.models.labels import PERSONA_MODES


class Quality(Protocol):
    """Says of each exchange how good the reply is, in [0, 1], or `None` where it cannot say."""

    def __call__(self, pairs: Sequence[Pair]) -> Sequence[float | None]: ...


class KeepsTheRules:
    """
    1 for a reply that breaks none of the rules for helpers, 0 for one that does, `None` where the reader abstains.

    It is the floor of therapeutic quality, not its measure: a reply can keep every rule and help nobody.

    Args:
        detector: `pixel.clinical.appropriateness.ViolationDetector`; `None` for the one that ships.
    """

    def __init__(self, detector: Any = None):
        self._detector = detector

    def __call__(self, pairs: Sequence[Pair]) -> list[float | None]:
        if self._detector is None:
            from pixel.clinical.appropriateness import default_detector

            self._detector = default_detector()
        verdicts = self._detector.judge(list(pairs)) if pairs else []
        return [None if one.abstains else float(not one.violations) for one in verdicts]


def default_qualities() -> dict[str, Quality]:
    """Rules for helpers in therapy and hybrid mode. No measure of task help that people's labels bear out ships."""
    rules = KeepsTheRules()
    return {"therapy": rules, "hybrid": rules}


def quality_by_mode(
    pairs: Sequence[Pair], modes: Sequence[str], qualities: Mapping[str, Quality]
) -> dict[str, tuple[Measure, list[float | None]]]:
    """
    Mean quality of the replies of each mode.

    Args:
        pairs: the person's message and the reply, each.
        modes: the mode each was written in.
        qualities: mode -> how to judge it.

    Returns:
        mode -> (mean in [0, 1], or why there is none; and each reply's own, in order).

    Raises:
        ValueError: not of one length.
    """
    if len(pairs) != len(modes):
        raise ValueError(f"{len(pairs)} exchanges and {len(modes)} modes")
    out = {}
    for name in PERSONA_MODES:
        own = [pair for pair, mode in zip(pairs, modes, strict=True) if mode == name]
        judge = qualities.get(name)
        if judge is None:
            out[name] = undefined("no validated measure of quality in this mode"), []
            continue
        found = list(judge(own)) if own else []
        known = [value for value in found if value is not None]
        out[name] = (defined(np.mean(known)) if known else undefined("no reply that can be judged")), found
    return out
