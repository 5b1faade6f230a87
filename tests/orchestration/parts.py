"""A child that trains nothing and does as it is told, and a supervisor with short limits for it."""

import json
import os
import sys
import time
from pathlib import Path

from pixel.monitoring.alerts import Alerts
from pixel.orchestration import HangLimits, Restarts, Supervisor
from pixel.orchestration.processes import marked

CHILD = Path(__file__).with_name("child.py")
LIMITS = HangLimits(start=5, step=1.0, save=5, evaluate=5, end=20, factor=5)


def supervisor(folder: Path, *deeds: str, steps: int = 4, **options) -> Supervisor:
    """
    `deeds`: what the child does in each attempt, the last one for all that follow: see `child.py`.
    """
    (folder / "deeds.json").write_text(json.dumps(deeds))
    given = {
        "limits": LIMITS, "restarts": Restarts(3, first=0.01), "alerts": Alerts(), "echo": False, "poll": 0.05,
        "grace": 20, "least_free": 0,
    }  # fmt: skip
    return Supervisor(folder, [sys.executable, str(CHILD), str(folder), str(steps)], **given | options)


def kinds(chosen: Supervisor) -> list[str]:
    """How each attempt ended."""
    return [one.kind for one in chosen.record.attempts]


def alerts(chosen: Supervisor) -> list[str]:
    return [alert.kind for alert in chosen.alerts.sent]


def wait_for(what, seconds: float = 30.0):
    """Until `what()` is true; its value."""
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)
    return found


def alive(folder: Path) -> list[int]:
    """Processes that a supervisor of that folder has started."""
    return marked(str(folder))


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
