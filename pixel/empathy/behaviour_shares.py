"""What share of a helper's turns reflect, ask, advise: the numbers that tell good practice from poor."""

from collections.abc import Callable, Mapping

import numpy as np

from pixel.clinical.appropriateness.behaviours import BEHAVIOURS
from pixel.metrics.measure import Measure, defined, undefined

_PLACE = {name: index for index, name in enumerate(BEHAVIOURS)}
LEAST_TURNS = 5
LEAST_REFLECTIONS = 3


def _any(acts: np.ndarray, *names: str) -> np.ndarray:
    return acts[:, [_PLACE[name] for name in names]].any(1)


def _share(*names: str) -> Callable[[np.ndarray], Measure]:
    def share(acts: np.ndarray) -> Measure:
        if len(acts) < LEAST_TURNS:
            return undefined(f"{len(acts)} turns, {LEAST_TURNS} needed")
        return defined(_any(acts, *names).mean())

    return share


def complex_share(acts: np.ndarray) -> Measure:
    """Of the turns that reflect, those that add meaning."""
    reflecting = _any(acts, "simple_reflection", "complex_reflection")
    if reflecting.sum() < LEAST_REFLECTIONS:
        return undefined(f"{int(reflecting.sum())} reflections, {LEAST_REFLECTIONS} needed")
    return defined(_any(acts, "complex_reflection")[reflecting].mean())


def reflections_per_question(acts: np.ndarray) -> Measure:
    """Turns that reflect over turns that ask, as a natural logarithm: 0 is as many of each."""
    reflecting, asking = (
        _any(acts, *names).sum()
        for names in (("simple_reflection", "complex_reflection"), ("open_question", "closed_question"))
    )
    if not reflecting or not asking:
        return undefined(f"{int(reflecting)} reflections and {int(asking)} questions have no ratio")
    return defined(np.log(reflecting / asking))


SHARES: Mapping[str, Callable[[np.ndarray], Measure]] = {
    "reflections": _share("simple_reflection", "complex_reflection"),
    "questions": _share("open_question", "closed_question"),
    "open_questions": _share("open_question"),
    "advice": _share("advice"),
    "information": _share("information"),
    "complex_share": complex_share,
    "reflections_per_question": reflections_per_question,
}
"""Name -> function of bool `[turns, 6]` in the order of `BEHAVIOURS`."""

MARGINS: Mapping[str, float] = {
    "reflections": 0.10, "questions": 0.10, "open_questions": 0.10, "advice": 0.05, "information": 0.10,
    "complex_share": 0.15, "reflections_per_question": 0.41,
}  # fmt: skip
"""
The largest difference from good practice that would not matter, set beforehand: ten turns in a hundred (five for
advice, of which good practice has two), and half as many reflections a question again (log 1.5).
"""
