"""The curriculum: which rows a model is ready for, by plan and by what it shows on held-out data."""

import base64
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.training.curriculum_stage import Event, Limit, competence, lengths_of, plan
from pixel.training.mastery import Mastery

GRAIN = 1000
"""Steps in which competence grows where it follows a curve."""


class Curriculum:
    """
    Admits rows by difficulty and kind, and moves on when held-out losses say so.

    Time is counted in rows drawn, not in steps: what is admitted at a draw follows from the plan and from `history`
    (at which draw which stage was entered) alone, so that a sampler that replays an epoch after a resume gets the same
    rows, however far a data loader had run ahead.

    With `adaptive`, a validation ends the stage when all its milestones hold or, if it has none, when there is nothing
    more to learn from its rows (`Mastery`); when the losses regress, it falls back by one stage. Stages also end by
    the clock (`until`), unless `wait`.

    Args:
        difficulty: float `[rows]` in [0, 1] (`pixel.data.difficulty`).
        groups: name -> bool `[rows]`: what `domains` of a stage can name.
        pacing: `sqrt`, `linear`: competence grows from `start` to 1 over the share `length` of the run; or `stages`.
        start: share of the rows, easiest first, to begin with.
        length: share of the run after which every row is admitted.
        stages: see `Stage.read`; implies `pacing: stages`. Each admits the domains of those before it too, unless
            `cumulative` is false.
        adaptive: whether validation moves it; with `sqrt` and `linear`, the curve is then cut into `levels` stages.
        levels: see `adaptive`.
        wait: whether a stage waits for its milestones however long it takes.
        delta, patience, regression: see `Mastery`.
        cumulative: see `stages`.
        total: rows that the run draws, all ranks together; can be given later (`begin`).

    Raises:
        ValueError: a setting out of range, an unknown domain, a stage that admits no row, or one that never ends.
    """

    def __init__(
        self,
        difficulty: Sequence[float],
        *,
        groups: Mapping[str, Sequence[bool]] | None = None,
        pacing: str | None = None,
        start: float = 0.1,
        length: float = 0.5,
        stages: Sequence[Mapping[str, Any]] | None = None,
        adaptive: bool = True,
        levels: int = 5,
        wait: bool = False,
        delta: float = 0.01,
        patience: int = 2,
        regression: float = 0.1,
        cumulative: bool = True,
        total: int | None = None,
    ):
        self.difficulty = np.asarray(difficulty, dtype=np.float64)
        if len(self.difficulty) == 0 or not ((self.difficulty >= 0) & (self.difficulty <= 1)).all():
            raise ValueError("curriculum: difficulties must be in [0, 1], and at least one")
        self.groups = {name: np.asarray(marks, dtype=bool) for name, marks in (groups or {}).items()}
        self.pacing = pacing or ("stages" if stages else "sqrt")
        self.start, self.length, self.adaptive, self.wait = start, length, adaptive, wait and adaptive
        self.stages = plan(self.pacing, stages, adaptive, levels, start, length)
        self._lengths = lengths_of(self.stages)
        if not adaptive and None in self._lengths[:-1]:
            raise ValueError("curriculum: a stage that is not adaptive needs `until`, or it would never end")
        self._members = self._members_of_stages(cumulative)
        self.mastery = Mastery(delta, patience, regression)
        self.total = total
        self.drawn = 0
        self.seen = np.zeros(len(self.difficulty), dtype=bool)
        self.history: list[list[int]] = [[0, 0]]
        self.milestones: dict[str, bool] = {}
        self.group_losses: dict[str, float] = {}
        self._known_stage = 0

    def _members_of_stages(self, cumulative: bool) -> list[np.ndarray]:
        masks, before = [], np.zeros(len(self.difficulty), dtype=bool)
        for stage in self.stages:
            for name in stage.domains:
                if name not in self.groups:
                    there = ", ".join(self.groups) or "none"
                    raise ValueError(f"curriculum stage {stage.name!r}: no rows are called {name!r}; there: {there}")
            mask = np.any([self.groups[n] for n in stage.domains], 0) if stage.domains else np.ones_like(before)
            if not mask.any():
                raise ValueError(f"curriculum stage {stage.name!r} admits no row: {', '.join(stage.domains)}")
            before = mask | before if cumulative else mask
            masks.append(before)
        return masks

    # ── what holds ──

    def begin(self, total: int) -> None:
        """Say how many rows the run draws, all ranks together. A run that goes on keeps the number it began with."""
        self.total = self.total or total

    def at(self, draw: int) -> Limit:
        """What holds at a draw (0-based, over the whole run)."""
        stage = self._stage_at(draw)
        if self.adaptive or self.pacing == "stages":
            return Limit(stage, self.stages[stage].max_difficulty)
        share = competence(draw / (self.length * self._run_length()), self.start, self.pacing)
        return Limit(stage, max(math.floor(share * GRAIN + 1e-9), 1) / GRAIN)

    def _stage_at(self, draw: int) -> int:
        entered, stage = next(entry for entry in reversed(self.history) if entry[0] <= draw)
        while not self.wait and self._lengths[stage] is not None:
            entered += self._lengths[stage] * self._run_length()
            if draw < entered:
                break
            stage += 1
        return stage

    def _run_length(self) -> int:
        if not self.total:
            raise RuntimeError("the curriculum does not know how long the run is: call begin(total) first")
        return self.total

    def admitted(self, limit: Limit, least: int = 1) -> np.ndarray:
        """Bool `[rows]`: the stage's rows up to the limit, and in any case the `least` easiest of them."""
        members = self._members[limit.stage]
        out = members & (self.difficulty <= limit.competence + 1e-9)
        if out.sum() < least:
            rows = np.flatnonzero(members)
            out[rows[np.argsort(self.difficulty[rows], kind="stable")[:least]]] = True
        return out

    def drew(self, draw: int, rows: Sequence[int]) -> None:
        """The sampler says that it gave these rows, the first of them at this draw; a replay changes nothing."""
        if draw >= self.drawn:
            self.seen[np.asarray(rows, dtype=np.int64)] = True
            self.drawn = draw + len(rows)

    # ── moving on ──

    def notice(self) -> list[Event]:
        """Moves that the clock made since the last look."""
        now = self._stage_at(self.drawn)
        events = [self._event("advance", at, "its time had come") for at in range(self._known_stage + 1, now + 1)]
        if events:
            self._known_stage, self.mastery.stale = now, 0
        return events

    def validate(
        self,
        losses: Mapping[str, float],
        metrics: Mapping[str, float] | None = None,
        group_losses: Mapping[str, float] | None = None,
    ) -> list[Event]:
        """
        Judge a validation, and move where it is time to. Every rank must be given the same numbers.

        Args:
            losses: held-out loss by objective, field or whatever is watched.
            metrics: what milestones name, beside the losses.
            group_losses: held-out loss by knowledge domain, for `progression` only.
        """
        events = self.notice()
        self.group_losses |= {name: float(value) for name, value in (group_losses or {}).items()}
        stage = self._known_stage
        self.milestones = self.stages[stage].reached({**losses, **(metrics or {})})
        if not self.adaptive:
            return events
        verdict = self.mastery.judge(losses)
        gain = self.mastery.gain
        if verdict == "regressed":
            if stage > 0:
                events.append(self._move("fall_back", stage - 1, f"held-out losses are {-gain:.1%} above their best"))
        elif stage + 1 < len(self.stages):
            if self.milestones and all(self.milestones.values()):
                events.append(self._move("advance", stage + 1, f"milestones hold: {', '.join(self.milestones)}"))
            elif not self.milestones and verdict == "mastered":
                reason = f"{self.mastery.stale} validations in a row gained less than {self.mastery.delta:.1%}"
                events.append(self._move("advance", stage + 1, reason))
        return events

    def _move(self, kind: str, stage: int, reason: str) -> Event:
        self.history.append([self.drawn, stage])
        self._known_stage, self.mastery.stale = stage, 0
        return self._event(kind, stage, reason)

    def _event(self, kind: str, stage: int, reason: str) -> Event:
        values = {"stage": stage, "max_difficulty": self.stages[stage].max_difficulty, "drawn": self.drawn}
        if self.mastery.gain is not None:
            values["gain"] = self.mastery.gain
        return Event(kind, self.stages[stage].name, reason, values)

    # ── what to show and keep ──

    def progression(self) -> dict[str, dict[str, float]]:
        """For every group of rows: `rows`, the share `seen` at least once, and its held-out `loss` if it was given."""
        out = {}
        for name, marks in self.groups.items():
            if marks.any():
                out[name] = {"rows": int(marks.sum()), "seen": float(self.seen[marks].mean())}
                if name in self.group_losses:
                    out[name]["loss"] = self.group_losses[name]
        return out

    @property
    def last(self) -> dict[str, float]:
        """For the log: stage (0-based), competence, and the share of rows admitted now."""
        limit = self.at(self.drawn)
        share = float(self.admitted(limit).mean())
        names = ("stage", "competence", "admitted")
        return {f"curriculum/{n}": x for n, x in zip(names, (*limit, share), strict=True)}

    def state_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "rows": len(self.difficulty),
            "stages": len(self.stages),
            "total": self.total,
            "drawn": self.drawn,
            "seen": base64.b64encode(np.packbits(self.seen).tobytes()).decode(),
            "history": [list(entry) for entry in self.history],
            "known_stage": self._known_stage,
            "mastery": self.mastery.state_dict(),
            "milestones": dict(self.milestones),
            "group_losses": dict(self.group_losses),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """
        Go on from `state_dict`.

        Raises:
            ValueError: it is of a curriculum over another number of rows or stages.
        """
        for what, here in (("rows", len(self.difficulty)), ("stages", len(self.stages))):
            if state[what] != here:
                raise ValueError(
                    f"the checkpoint's curriculum has {state[what]} {what}, this one {here}. "
                    "Mend: resume with the data and the curriculum that it began with"
                )
        bits = np.frombuffer(base64.b64decode(state["seen"]), dtype=np.uint8)
        self.seen = np.unpackbits(bits, count=state["rows"]).astype(bool)
        self.total, self.drawn, self._known_stage = state["total"], state["drawn"], state["known_stage"]
        self.history = [list(entry) for entry in state["history"]]
        self.mastery.load_state_dict(state["mastery"])
        self.milestones, self.group_losses = dict(state["milestones"]), dict(state["group_losses"])
