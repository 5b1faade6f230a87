"""Which checkpoints stay: the last few, the best few, milestones, and always the newest that is whole."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pixel.checkpoints.manifest import Verdict, verify
from pixel.checkpoints.newest import checkpoints, remove

NEWEST = "newest whole"


@dataclass(frozen=True)
class Retention:
    """
    What is kept.

    Args:
        last: the newest so many; `None` or 0 keeps all, as transformers' `save_total_limit` does.
        best: so many with the best metric of all that are there.
        every: each whose step is a multiple, for good; 0 for none.
        greater_is_better: of the metric.
        names: folders that stay whatever their step, e.g. the best model that training will load at its end.
    """

    last: int | None = None
    best: int = 0
    every: int = 0
    greater_is_better: bool = False
    names: frozenset[str] = field(default_factory=frozenset)

    def reasons(self, found: Iterable[Verdict]) -> dict[int, list[str]]:
        """
        Why each checkpoint stays; none for one that may go.

        Args:
            found: verdicts, in any order. A broken one is nobody's best or newest, and stays only where all do: what
                to do with it is for the next resume to say.

        Returns:
            step -> reasons, newest first.
        """
        found = sorted(found, key=lambda verdict: verdict.step, reverse=True)
        whole = [verdict for verdict in found if verdict.valid]
        reasons: dict[int, list[str]] = {verdict.step: [] for verdict in found}
        for place, verdict in enumerate(whole):
            mine = reasons[verdict.step]
            mine += [NEWEST] if place == 0 else []
            mine += [f"last {self.last}"] if self.last and place < self.last else []
            mine += [f"every {self.every}"] if self.every and verdict.step % self.every == 0 else []
            mine += ["best model"] if verdict.folder.name in self.names else []
        sign = -1.0 if self.greater_is_better else 1.0
        measured = [verdict for verdict in whole if isinstance(verdict.facts.get("metric"), float)]
        measured.sort(key=lambda verdict: (sign * verdict.facts["metric"], verdict.step))
        for verdict in measured[: self.best]:
            reasons[verdict.step].append(f"best {self.best}")
        if not self.last:
            for mine in reasons.values():
                mine += [] if mine else ["no limit"]
        return reasons

    def tightened(self) -> "Retention":
        """The same with one checkpoint fewer among the last, for when space is short; never fewer than one."""
        last = max(self.last - 1, 1) if self.last else self.last
        return Retention(last, self.best, self.every, self.greater_is_better, self.names)


def look(output_dir: str | Path, hashes: bool = False) -> list[Verdict]:
    """Verdicts on every checkpoint of a run, newest first; by names and sizes unless every byte is to be read."""
    return [verify(folder, hashes) for folder in checkpoints(output_dir)]


def prune(output_dir: str | Path, keep: Retention, hashes: bool = False, dry: bool = False) -> list[Path]:
    """
    Remove what need not stay.

    Args:
        output_dir: of a run.
        keep: what stays.
        hashes: read every byte before deciding which checkpoint is the newest whole one.
        dry: only say.

    Returns:
        what was removed, newest first. Nothing is, where no checkpoint is whole.
    """
    found = look(output_dir, hashes)
    if not any(verdict.valid for verdict in found):
        return []
    reasons = keep.reasons(found)
    gone = [verdict.folder for verdict in found if not reasons.get(verdict.step)]
    for folder in gone:
        if not dry:
            remove(folder)
    return gone
