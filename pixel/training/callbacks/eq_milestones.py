"""EQ milestones: five domains and the total, what was reached and held, and what was lost again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from transformers.trainer_callback import ExportableState

from pixel.metrics.pearson import pearson
from pixel.monitoring.alerts import Alerts
from pixel.training.arguments import SettingError
from pixel.training.callbacks.probing import ProbingCallback
from pixel.training.eq_marks import DEFAULT_MILESTONES, DOMAINS, EQMilestone, as_milestone, domain_readings
from pixel.training.probe_set import ProbeSet, ReadConversation


class EQMilestones(ProbingCallback, ExportableState):
    """
    Watches how well the five EQ domains and the total are read.

    A domain that nobody labelled in the probe set (or whose ratings or read-outs do not vary) has no correlation: it
    is left out of the log, its milestones stay as they are, and `progress` says so. `level_DOMAIN` is the mean
    read-out over the assistant's and user's turns: a level, not an achievement.

    A milestone is `pending`, `reached` after `hold` looks at or above its mark, `lost` after `hold` looks below it,
    and may be reached again. A domain regresses when it stays more than `delta` below its best for `looks` looks;
    its best is the highest level that it held for `looks` looks, so that one lucky look sets no mark.

    Alerts: `eq_milestone` (reached), `eq_milestone_lost`, `eq_regression` (once, and again after a recovery).

    Args:
        probe, alerts, every: see `ProbingCallback`.
        milestones: `EQMilestone`s, or mappings with their attributes.
        delta: of a regression.
        looks: in a row below the best.
        on_reached: called once with a milestone (as a dictionary, with `step` and `value`) when it is first reached;
            one that fails is reported and does not stop the run.

    Raises:
        SettingError: a milestone that cannot be, or two of one name.
    """

    prefix = "eq"

    def __init__(
        self,
        probe: ProbeSet,
        alerts: Alerts,
        every: int = 50,
        *,
        milestones: Sequence[EQMilestone | Mapping[str, Any]] = DEFAULT_MILESTONES,
        delta: float = 0.05,
        looks: int = 2,
        on_reached: Iterable[Callable[[dict[str, Any]], None]] = (),
    ):
        super().__init__(probe, alerts, every)
        if delta < 0 or looks < 1:
            raise SettingError(f"delta is {delta}, looks {looks}. Mend: delta at least 0 and looks at least 1")
        self.milestones = [as_milestone(given) for given in milestones]
        names = [milestone.name for milestone in self.milestones]
        if len(set(names)) < len(names):
            raise SettingError(f"milestones {sorted(names)}: a name stands twice. Mend: give each its own")
        self.delta, self.looks, self.on_reached = delta, looks, list(on_reached)
        self.standing = {n: {"state": "pending", "streak": 0, "reached_at": None, "lost_at": None} for n in names}
        self.domains = {d: {"last": [], "best": None, "below": 0, "regressed": False, "turns": 0} for d in DOMAINS}

    def judge(self, step: int, conversations: list[ReadConversation]) -> dict[str, float]:
        numbers: dict[str, float] = {}
        for domain in DOMAINS:
            said, rated, level = domain_readings(conversations, domain)
            if level is not None:
                numbers[f"level_{domain}"] = level
            self.domains[domain]["turns"] = len(rated)
            value = pearson(rated, said).value
            if value is None:
                continue
            numbers[f"correlation_{domain}"] = value
            self._follow(step, domain, value)
            for milestone in self.milestones:
                if milestone.domain == domain:
                    self._stand(step, milestone, value)
        numbers["milestones_reached"] = sum(place["state"] == "reached" for place in self.standing.values())
        return numbers

    def _follow(self, step: int, domain: str, value: float) -> None:
        """Regression of one domain."""
        place = self.domains[domain]
        place["last"] = [*place["last"], value][-self.looks :]
        if len(place["last"]) == self.looks and (place["best"] is None or min(place["last"]) > place["best"]):
            place["best"] = min(place["last"])
        place["below"] = place["below"] + 1 if place["best"] is not None and value < place["best"] - self.delta else 0
        place["regressed"] = place["below"] >= self.looks
        if place["below"] == self.looks:
            self.alert(
                "eq_regression", "warning", step,
                f"{domain}: correlation {value:.3f}, more than {self.delta} below its best {place['best']:.3f} for "
                f"{place['below']} looks. Mend: raise objective_weights eq, lower the learning rate, or go back",
                value=value, best=place["best"], looks=place["below"],
            )  # fmt: skip

    def _stand(self, step: int, milestone: EQMilestone, value: float) -> None:
        """Where one milestone stands after this look."""
        place = self.standing[milestone.name]
        reached = place["state"] == "reached"
        changes = (value >= milestone.at_least) != reached
        place["streak"] = place["streak"] + 1 if changes else 0
        if place["streak"] < milestone.hold:
            return
        first, place["streak"] = place["reached_at"] is None, 0
        numbers = {"value": value, "at_least": milestone.at_least, "hold": milestone.hold}
        where = f"{milestone.name}: {milestone.domain} at {value:.3f}"
        if reached:
            place |= {"state": "lost", "lost_at": step}
            message = f"{where}, below {milestone.at_least} for {milestone.hold} looks. Mend: see eq_regression"
            self.alert("eq_milestone_lost", "warning", step, message, **numbers)
            return
        place |= {"state": "reached", "reached_at": step if first else place["reached_at"]}
        self.alert("eq_milestone", "info", step, f"{where}, held for {milestone.hold} looks", **numbers)
        for call in self.on_reached if first else ():
            try:
                call(asdict(milestone) | {"step": step, "value": value})
            except Exception as error:  # somebody else's celebration must not end a training run
                failed = f"{milestone.name}: an achievement callback failed ({type(error).__name__}). Mend: fix it"
                self.alert("eq_callback_failed", "warning", step, failed)

    def progress(self) -> dict[str, Any]:
        """For the training report: each domain (latest, best held, labelled turns) and each milestone's standing."""
        domains = {
            domain: {
                "latest": place["last"][-1] if place["last"] else None, "best_held": place["best"],
                "labelled_turns": place["turns"], "regressed": place["regressed"],
                "claimed": bool(place["last"]),
            }
            for domain, place in self.domains.items()
        }  # fmt: skip
        milestones = [asdict(milestone) | self.standing[milestone.name] for milestone in self.milestones]
        return {"looks": len(self.history), "domains": domains, "milestones": milestones}

    @property
    def memory(self) -> dict[str, Any]:
        """For JSON; setting it goes on from there (milestones that are new since then are pending)."""
        return {"standing": self.standing, "domains": self.domains, "history": self.history}

    @memory.setter
    def memory(self, state: dict[str, Any]) -> None:
        self.standing |= {name: dict(place) for name, place in state["standing"].items() if name in self.standing}
        self.domains |= {name: dict(place) for name, place in state["domains"].items()}
        self.history = list(state["history"])

    def state(self) -> dict[str, Any]:
        return {"args": {}, "attributes": {"memory": self.memory}}
