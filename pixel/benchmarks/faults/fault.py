"""One fault: what happens, when, to which run, and with which unbroken run the end is compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pixel.benchmarks.faults.moments import Moment


@dataclass(frozen=True)
class Fault:
    """
    Attributes:
        name: kind and number, unique.
        kind: one word with underscores; a row of the table.
        moment: when; `None` where it is there from the first second.
        action: a name in `pixel.benchmarks.faults.actions.ACTIONS`, or `none`.
        given: for the action, JSON.
        ranks: processes that train.
        options: more options of `recipes/train.py`.
        environment: more variables, in which `{port}` is that of `server`.
        broken: checkpoints that it breaks; each may cost one more interval of steps.
        own_disk: whether the output folder is a small file system of its own.
        release: seconds after which the fault is over (space is freed, the folder writable); 0: never.
        server: stand-in that the runner starts, one of `pixel.benchmarks.faults.servers.KINDS`.
        beside: name of the unbroken run (see `pixel.benchmarks.faults.runner.unbroken`).
        message: words that the run must say, a regular expression; empty for none.
        hang: seconds of silence in a step that the supervisor takes for a hang.
    """

    name: str
    kind: str
    moment: Moment | None = None
    action: str = "none"
    given: Mapping[str, Any] = field(default_factory=dict)
    ranks: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    broken: int = 0
    own_disk: bool = False
    release: float = 0.0
    server: str = ""
    beside: str = "one"
    message: str = ""
    hang: float = 120.0

    def order(self, folder: str, output: str) -> dict[str, Any]:
        """What the trainee is told."""
        return {
            "folder": folder,
            "output": output,
            "moment": self.moment.as_dict() if self.moment else None,
            "action": self.action,
            "given": dict(self.given),
        }
