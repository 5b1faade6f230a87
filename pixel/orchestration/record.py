"""What a supervisor did, in one file that is always whole: OUTPUT/supervisor.json."""

import json
import os
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pixel.data.whole_files import write_in_one_step

FILE = "supervisor.json"


@dataclass
class AttemptRecord:
    """
    One start of the training.

    Attributes:
        number: from 1, over all supervisors of the folder.
        started: seconds since 1970.
        from_step: steps that were safe when it started.
        to_step: when it ended; `None` while it runs.
        seconds: it took.
        status: exit status of the command; negative: killed by that signal.
        kind: `finished`, `stopped`, or the kind of `Failure`; `""` while it runs.
        reason: one line.
        port: its ranks met there.
        log: what it said.
    """

    number: int
    started: float
    from_step: int
    to_step: int | None = None
    seconds: float | None = None
    status: int | None = None
    kind: str = ""
    reason: str = ""
    port: int | None = None
    log: str = ""


@dataclass
class Record:
    """
    The whole story, written after every change.

    A disk that is full or read-only is said once and does not stop the supervisor.

    Attributes:
        state: `running`, `waiting`, `finished`, `stopped` or `gave up`.
        restarts_left: that may be made without progress.
    """

    output_dir: Path
    name: str = FILE
    command: Sequence[str] = ()
    state: str = "running"
    restarts_left: int | None = None
    attempts: list[AttemptRecord] = field(default_factory=list)
    _complained: bool = False

    @classmethod
    def of(cls, output_dir: Path, name: str = FILE, command: Sequence[str] = ()) -> "Record":
        """Go on with the attempts of earlier supervisors of that folder; what cannot be read is begun anew."""
        record = cls(output_dir, name, list(command))
        try:
            before = json.loads((output_dir / name).read_bytes())
            record.attempts = [AttemptRecord(**one) for one in before["attempts"]]
        except (OSError, ValueError, TypeError, KeyError):
            pass
        for one in record.attempts:
            if not one.kind:  # the supervisor was killed while it ran
                one.kind, one.reason = "killed", "its supervisor was killed"
        return record

    def next_number(self) -> int:
        """One more than any before, also where only the logs are left."""
        logs = [int(file.stem) for file in (self.output_dir / "attempts").glob("*.log") if file.stem.isdigit()]
        return max([0, *logs, *(one.number for one in self.attempts)]) + 1

    def write(self, state: str | None = None) -> None:
        """Write it now."""
        self.state = state or self.state
        content: dict[str, Any] = {
            "state": self.state,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "updated": time.time(),
            "command": list(self.command),
            "restarts_left": self.restarts_left,
            "attempts": [asdict(one) for one in self.attempts],
        }
        try:
            write_in_one_step(self.output_dir / self.name, json.dumps(content, indent=1) + "\n")
        except OSError as error:
            if not self._complained:
                print(
                    f"{self.name} cannot be written and the run goes on without: {error}", file=sys.stderr, flush=True
                )
            self._complained = True
