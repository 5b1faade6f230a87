"""The loss weights that a trainer holds: a schedule, priorities, phases, smoothing, bounds and the crisis rule."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from .bounds import bounded, limits
from .checks import distinct_names, known_options, number, per_objective
from .crisis_rule import CrisisRule, Event
from .json_state import from_json, to_json
from .phases import Phases
from .priorities import Priorities
from .schedules import SCHEDULES


class LossWeights:
    """
    What each objective's loss is multiplied by, step by step.

    For a step the weights are made in this order:

    1. `base` times the schedule's weights times the phase's multipliers;
    2. times the priorities, scaled back to the same sum (priorities share out, they do not add);
    3. smoothed: `momentum` times the last smoothed weights plus `1 - momentum` times these;
    4. within the bounds, with the floors of objectives in crisis among them; the others are scaled so that the sum
       stays (see [`pixel.balancing.bounds.bounded`]). **Bounds win over the sum**, and over the momentum.

    Call [`step`] once after each optimizer step and [`validate`] after each validation, with the same numbers on
    every rank. Nothing is random: a run resumed from [`state_dict`] has the same weights to the last bit.

    Args:
        objectives (sequence of `str`): the k objectives, the language objective first.
        total_steps (`int`): optimizer steps of the run.
        schedule (`str`): one of [`pixel.balancing.schedules.SCHEDULES`].
        options (mapping or `None`): the schedule's own options.
        base (mapping or `None`): fixed factor >= 0 by objective, 1 where not named.
        momentum (`float`): in [0, 1), share of the past.
        bounds (mapping or `None`): objective to `[low, high]`.
        priorities (mapping or `None`): objective to `[[fraction, value], ...]` (see
            [`pixel.balancing.priorities.Priorities`]).
        phases (sequence or `None`): of `{name, until, weights, transition}`, `weights` being multipliers (see
            [`pixel.balancing.phases.Phases`]).
        crisis (mapping or `None`): options of [`pixel.balancing.crisis_rule.CrisisRule`], at least one; `None` or
            `{}` for no such rule.

    Raises:
        ValueError: an option that does not exist or is out of its range; the message names it and the mend.
        ImportError: the schedule needs something that is not installed.

    Attributes:
        current (`Tensor`): float64 `[k]` on the CPU, for the step under way.

    Example:
        >>> weights = LossWeights(("language", "eq"), 100, base={"eq": 0.5}, bounds={"eq": [0.6, 1.0]})
        >>> weights.current.tolist()
        [0.9, 0.6]
    """

    def __init__(
        self,
        objectives: Sequence[str],
        total_steps: int,
        schedule: str = "fixed",
        options: Mapping | None = None,
        base: Mapping[str, float] | None = None,
        momentum: float = 0.0,
        bounds: Mapping[str, Sequence[float | None]] | None = None,
        priorities: Mapping | None = None,
        phases: Sequence[Mapping] | None = None,
        crisis: Mapping | None = None,
    ):
        self.objectives = distinct_names(objectives)
        if schedule not in SCHEDULES:
            raise ValueError(f"unknown schedule {schedule!r}; the schedules are {', '.join(SCHEDULES)}")
        kind = SCHEDULES[schedule]
        options = known_options(f"schedule {schedule}", options, kind, beside=("objectives", "total_steps"))
        self.name, self.schedule = schedule, kind(self.objectives, total_steps, **options)
        self.base = per_objective("base", base, self.objectives)
        self.momentum = number("momentum", momentum, least=0, below=1)
        self._low, self._high = limits(bounds, self.objectives)
        self.priorities = Priorities(priorities, self.objectives) if priorities else None
        self.phases = Phases(phases, self.objectives) if phases else None
        self.crisis = None
        if crisis:
            crisis = known_options("crisis", crisis, CrisisRule, beside=("objectives",))
            self.crisis = CrisisRule(self.objectives, **crisis)
        self.steps = 0
        self._smoothed = self._target()
        self.current = self._within_bounds()

    @property
    def wants_losses(self) -> bool:
        """Whether [`step`] should be given the losses of the step."""
        return self.schedule.wants_losses

    @property
    def wants_gram(self) -> bool:
        """Whether [`step`] should be given the Gram matrix of the gradients at the fork."""
        return self.schedule.wants_gram

    def step(self, losses: Tensor | None, gram: Tensor | None = None) -> None:
        """
        Learn from the optimizer step that was just taken, and set the weights of the next one.

        Args:
            losses (`Tensor` or `None`): `[k]`, **unweighted** mean losses; NaN where nothing was labelled.
            gram (`Tensor` or `None`): `[k, k]` of the **weighted** losses' gradients, as the fork saw them under
                `current`. An objective of weight 0 counts as having no gradient.
        """
        if gram is not None:
            pairs = self.current.unsqueeze(1) * self.current
            gram = torch.where(pairs > 0, gram.detach().double().cpu() / pairs, 0.0)
        self.schedule.observe(self.steps, losses, gram)
        self.steps += 1
        self._smoothed = self.momentum * self._smoothed + (1.0 - self.momentum) * self._target()
        self.current = self._within_bounds()

    def validate(self, losses: Mapping[str, float]) -> list[Event]:
        """
        Apply the crisis rule to held-out losses; a changed floor acts at once.

        Args:
            losses (mapping): unweighted held-out loss by objective; leave out what was not measured.

        Returns:
            `list` of [`Event`]: to be sent as alerts. Empty without a crisis rule.
        """
        if self.crisis is None:
            return []
        events = self.crisis.validate(losses, self.current)
        self.current = self._within_bounds()
        return events

    @property
    def last(self) -> dict[str, float]:
        """For the log: `loss_weight/NAME`, `loss_weight_phase` (its index), `loss_weight_floor/NAME` in a crisis."""
        out = {f"loss_weight/{name}": w for name, w in zip(self.objectives, self.current.tolist(), strict=True)}
        if self.phases is not None:
            out["loss_weight_phase"] = float(self.phases.index(self.schedule.fraction(self.steps)))
        if self.crisis is not None:
            floors = zip(self.objectives, self.crisis.floors.tolist(), strict=True)
            out |= {f"loss_weight_floor/{name}": floor for name, floor in floors if floor > 0}
        return out

    def state_dict(self) -> dict:
        """What a resumed run needs, ready for JSON. Save it between optimizer steps."""
        return {
            "objectives": list(self.objectives),
            "schedule": self.name,
            "steps": self.steps,
            "smoothed": to_json(self._smoothed),
            "schedule_state": self.schedule.state_dict(),
            "crisis": None if self.crisis is None else self.crisis.state_dict(),
        }

    def load_state_dict(self, state: Mapping) -> None:
        """
        Resume from [`state_dict`]. A crisis rule that the saved run did not have starts afresh.

        Raises:
            ValueError: it was saved with other objectives or another schedule.
        """
        for option, now in (("objectives", list(self.objectives)), ("schedule", self.name)):
            if state[option] != now:
                raise ValueError(
                    f"these loss weights were saved with {option} {state[option]!r}, this run has {now!r}; "
                    "resume with the same, or start anew"
                )
        self.schedule.load_state_dict(state["schedule_state"])
        if self.crisis is not None and state["crisis"] is not None:
            self.crisis.load_state_dict(state["crisis"])
        self.steps, self._smoothed = int(state["steps"]), from_json(state["smoothed"])
        self.current = self._within_bounds()

    def _target(self) -> Tensor:
        """Weights of the step under way before smoothing and bounds."""
        fraction = self.schedule.fraction(self.steps)
        weights = self.base * self.schedule.weights(self.steps)
        if self.phases is not None:
            weights = weights * self.phases.weights(fraction)
        return weights if self.priorities is None else self.priorities.apply(weights, fraction)

    def _within_bounds(self) -> Tensor:
        floors = self._low if self.crisis is None else torch.maximum(self._low, self.crisis.floors)
        return bounded(self._smoothed, torch.minimum(floors, self._high), self._high)
