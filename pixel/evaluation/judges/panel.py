"""The panel: at least two different judges, none the subject, heard only where they agree with people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pixel.evaluation.judges.agreement import Agreement, choices, measure_agreement, votes
from pixel.evaluation.judges.judge import Judge, Pair, Side

LEAST = 2
"""Judges that a panel needs, and judges that must be validated on a criterion before a verdict is given."""


class PanelRefused(ValueError):
    """There is no panel; says why in one line."""


@dataclass(frozen=True)
class Panel:
    """
    Judges and how far each is to be believed.

    Attributes:
        judges: by name.
        agreements: of every judge on every human-labelled set.
        refused: judges that may not judge this subject, and why.
    """

    judges: dict[str, Judge]
    agreements: list[Agreement]
    refused: list[str] = field(default_factory=list)

    def validated(self, criterion: str) -> list[str]:
        """Names of the judges that beat chance and length on every set of a criterion that can decide (20 groups)."""
        found = []
        for name in self.judges:
            own = [
                one for one in self.agreements if (one.judge, one.criterion) == (name, criterion) and one.groups >= 20
            ]
            if own and all(one.validated for one in own):
                found.append(name)
        return found

    def verdict(self, pairs: Sequence[Pair], criterion: str) -> np.ndarray:
        """
        How often the first reply is chosen, over validated judges, three repeats and both orders.

        Returns:
            float64 `[pairs]` in [0, 1].

        Raises:
            PanelRefused: fewer than two judges are validated on the criterion.
        """
        names = self.require(criterion)
        return np.mean([choices(votes(self.judges[name], pairs, criterion)) for name in names], axis=0)

    def require(self, criterion: str) -> list[str]:
        """
        Names of the validated judges.

        Raises:
            PanelRefused: fewer than two.
        """
        names = self.validated(criterion)
        if len(names) < LEAST:
            heard = f"only {names[0]} is" if names else "no judge is"
            raise PanelRefused(f"{heard} validated against people on {criterion}, and {LEAST} are needed")
        return names


def convene(
    judges: Sequence[Judge],
    subject: Any,
    labelled: Mapping[str, Sequence[tuple[Side, float]]],
    sets: Sequence[tuple[str, str, Sequence[Pair]]],
    *,
    say: Callable[[str], None] = print,
    resamples: int = 1000,
    seed: int = 0,
) -> Panel:
    """
    Turn away who may not judge, then measure everyone against people, before any verdict.

    Args:
        judges: candidates.
        subject: what is to be judged (`pixel.evaluation.subjects.Subject`), or `None`.
        labelled: criterion -> single replies with human scores, for judges that are fitted.
        sets: criterion, labels in words, and pairs that people decided.
        say: takes a line about each judge and set.
        resamples, seed: of intervals.

    Raises:
        PanelRefused: fewer than two different judges are left.
    """
    refused, kept = [], {}
    for judge in judges:
        if reason := judge.same_as(subject):
            refused.append(reason)
        elif judge.name in kept:
            refused.append(f"{judge.name} is named twice")
        else:
            kept[judge.name] = judge
    if len({_who(judge) for judge in kept.values()}) < LEAST:
        why = f" ({'; '.join(refused)})" if refused else ""
        mend = 'add other local models, such as "fitted:meanings" and "fitted:words"'
        raise PanelRefused(f"a panel needs {LEAST} different judges, there are {len(kept)}{why}. Mend: {mend}")
    agreements = []
    for judge in kept.values():
        judge.prepare(labelled)
        for criterion, against, pairs in sets:
            if pairs:
                agreements.append(measure_agreement(judge, pairs, criterion, against, resamples=resamples, seed=seed))
                say(agreements[-1].line())
    return Panel(kept, agreements, refused)


def _who(judge: Judge) -> str:
    """One model asked in two ways is one judge."""
    return getattr(judge, "model", judge.name)
