"""How far a judge agrees with people, with itself, and whether the order of the replies sways it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pixel.evaluation.judges.judge import REPEATS, Judge, Pair
from pixel.evaluation.validity.validity import LEAST_GROUPS
from pixel.metrics import Measure, bootstrap_interval

CHANCE = 0.5


@dataclass(frozen=True)
class Agreement:
    """
    A judge beside people, on pairs of which people said which reply is better.

    Attributes:
        judge, criterion, against: who, what, and which labels.
        value, low, high: share of pairs it decides as people did (a tie counts half), 95% by group.
        n, groups: pairs, and groups among them.
        length: the same share for "the longer reply is better", or for "the shorter" where that is more.
        margin: lower end of the 95% interval of `value - length`, on the same draws.
        first_place: share of single questions answered by the reply shown first; .5 is no bias. `None`: it knows no
            order.
        swap_consistent: share of single questions where both orders chose the same reply.
        self_consistent: share of pairs where all three repeats came to the same choice.
        above_chance: `low` is above .5.
        validated: above chance, above length (`margin` above 0), and of at least `LEAST_GROUPS` groups.
    """

    judge: str
    criterion: str
    against: str
    value: float
    low: float | None
    high: float | None
    n: int
    groups: int
    length: float
    margin: float | None
    first_place: float | None
    swap_consistent: float | None
    self_consistent: float
    above_chance: bool
    validated: bool

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def line(self) -> str:
        """One line for people."""
        interval = f" ({self.low:.2f}-{self.high:.2f})" if self.low is not None else " (no interval)"
        order = "order plays no role"
        if self.first_place is not None:
            order = (
                f"chooses the first {self.first_place:.0%}, keeps its choice when swapped {self.swap_consistent:.0%}"
            )
        verdict = "validated" if self.validated else f"not validated: {self.reason()}"
        return (
            f"{self.judge} on {self.criterion} ({self.against}): agrees {self.value:.2f}{interval} on {self.n} pairs "
            f"of {self.groups} groups, length alone {self.length:.2f}; {order}; three repeats agree "
            f"{self.self_consistent:.0%}: {verdict}"
        )

    def reason(self) -> str:
        """Why it is not validated."""
        if self.groups < LEAST_GROUPS:
            return f"{self.groups} groups, at least {LEAST_GROUPS} needed"
        return "agreement is not above chance" if not self.above_chance else "no better than the length of the replies"


def votes(judge: Judge, pairs: Sequence[Pair], criterion: str) -> np.ndarray:
    """float64 `[repeats, pairs, 2]`, above 0 where the first reply is better; see `Judge.prefer`."""
    return np.stack([judge.prefer(pairs, criterion, repeat) for repeat in range(REPEATS)])


def choices(given: np.ndarray) -> np.ndarray:
    """Share of the three repeats for the first reply, each over both orders, a tie counting half; float `[pairs]`."""
    return _side(given.mean(2)).mean(0)


def measure_agreement(
    judge: Judge, pairs: Sequence[Pair], criterion: str, against: str, *, resamples: int = 1000, seed: int = 0
) -> Agreement:
    """
    Put all pairs to a judge three times in both orders and hold its choices against people's.

    Args:
        judge: prepared.
        pairs: all with `first_better`.
        criterion: id.
        against: the labels, in words.
        resamples, seed: of the bootstrap over groups.

    Raises:
        ValueError: no pairs, or one without a human choice.
    """
    if not pairs or any(pair.first_better is None for pair in pairs):
        raise ValueError("agreement needs pairs that people decided")
    given = votes(judge, pairs, criterion)
    truth = np.array([pair.first_better for pair in pairs])
    chosen = _side(choices(given) - 0.5)
    right = np.where(truth, chosen, 1 - chosen)
    by_length = _by_length(pairs, truth)
    groups = [pair.group for pair in pairs]

    def share(of: np.ndarray):
        return bootstrap_interval(lambda rows: Measure(float(of[rows].mean())), len(of), groups, 0.95, resamples, seed)

    interval, margin = share(right), share(right - by_length)
    shown = given * np.array([1.0, -1.0])  # above 0: the reply shown first
    single = _side(given)
    above = interval is not None and interval[0] > CHANCE
    return Agreement(
        judge=judge.name,
        criterion=criterion,
        against=against,
        value=float(right.mean()),
        low=interval and interval[0],
        high=interval and interval[1],
        n=len(pairs),
        groups=len(set(groups)),
        length=float(by_length.mean()),
        margin=margin and margin[0],
        first_place=float(_side(shown).mean()) if judge.by_position else None,
        swap_consistent=float((single[..., 0] == single[..., 1]).mean()) if judge.by_position else None,
        self_consistent=float((np.ptp(_side(given.mean(2)), axis=0) == 0).mean()),
        above_chance=above,
        validated=above and margin is not None and margin[0] > 0 and len(set(groups)) >= LEAST_GROUPS,
    )


def _by_length(pairs: Sequence[Pair], truth: np.ndarray) -> np.ndarray:
    longer = np.array([len(pair.first.reply.split()) - len(pair.second.reply.split()) for pair in pairs])
    right = np.where(truth, _side(longer), 1 - _side(longer))
    return right if right.mean() >= 0.5 else 1 - right


def _side(values: np.ndarray) -> np.ndarray:
    """1 above 0, 0 below, .5 at 0."""
    return 0.5 + 0.5 * np.sign(values)


def table(found: Sequence[Agreement]) -> list[Mapping[str, Any]]:
    """For JSON."""
    return [one.as_dict() for one in found]
