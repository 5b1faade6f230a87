"""What a monitor says of a conversation at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pixel.clinical.resources import Resources

_NAMES = {"rule": ("rule", "concern", "kind", "id", "check"), "reason": ("reason", "why", "message", "problem")}


class Flag(NamedTuple):
    """A validator's finding: its rule, the number of the message (`None`: the whole), and why it matters."""

    rule: str
    turn: int | None
    reason: str


@dataclass(frozen=True)
class Observation:
    """
    Attributes:
        risk: probabilities of the seven rungs for the person's last message; empty if it was not read.
        level, peak: rung of that message, and the highest of the conversation.
        kind: of crisis, `none` for none.
        urgency: `none`, `watch`, `soon`, `urgent` or `emergency`, of the messages that still count.
        fresh, fresh_kind: urgency and kind of the last message alone.
        escalate: a person should look at it now.
        abstain: the last message could not be judged; say so rather than that all is well.
        flags: what validators found in the helper's turns.
        resources: where to find a person, for the last message's crisis or else for the one that still counts; `None`
            where nothing calls for it.
        next_steps: what to do, first things first.
        reasons: of the last reading, for a clinician's eyes: they may quote. Never logged.
        seconds: that the observation took.
    """

    risk: tuple[float, ...]
    level: int
    peak: int
    kind: str
    urgency: str
    fresh: str
    fresh_kind: str
    escalate: bool
    abstain: bool
    flags: tuple[Flag, ...] = field(repr=False)
    resources: Resources | None
    next_steps: tuple[str, ...]
    reasons: tuple[str, ...] = field(repr=False)
    seconds: float

    def record(self) -> dict[str, Any]:
        """Ready for JSON, without reasons: it holds none of the conversation's words."""
        lines = [line.id for line in self.resources.lines] if self.resources else []
        found = {name: value for name, value in vars(self).items() if name not in ("reasons", "resources", "flags")}
        flags = [{"rule": flag.rule, "turn": flag.turn} for flag in self.flags]
        return found | {"risk": list(self.risk), "next_steps": list(self.next_steps), "flags": flags, "lines": lines}


def as_flag(name: str, finding: Any) -> Flag:
    """
    A validator's finding as a flag.

    Args:
        name: of the validator; the rule where the finding names none.
        finding: a mapping or an object with `rule` (or `concern`, `kind`, `id`), `turn` and `reason` (or `why`).
    """
    if isinstance(finding, str):
        return Flag(finding, None, "")
    turn = _first(finding, ("turn",))
    rule, reason = (_first(finding, _NAMES[part]) for part in ("rule", "reason"))
    return Flag(str(rule or name), turn if isinstance(turn, int) else None, _sentence(reason))


def _first(finding: Any, names: Sequence[str]) -> Any:
    for name in names:
        value = finding.get(name) if isinstance(finding, Mapping) else getattr(finding, name, None)
        if value is not None and not callable(value):
            return value
    return None


def _sentence(reason: Any) -> str:
    return str(getattr(reason, "text", reason) or "")
