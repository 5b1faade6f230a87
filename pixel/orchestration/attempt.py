"""One start of a command: its environment, its keeper, and how it ended."""

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pixel.orchestration.heartbeat import ATTEMPT
from pixel.orchestration.processes import MARK, kill_all, marked

ROOT = Path(__file__).resolve().parents[2]

FOREIGN = {
    "MASTER_ADDR", "MASTER_PORT", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "GROUP_RANK", "ROLE_RANK",
    "ROLE_WORLD_SIZE", "GROUP_WORLD_SIZE", "ROLE_NAME",
}  # fmt: skip
FOREIGN_STARTS = ("ACCELERATE_", "FSDP_", "TORCHELASTIC_")
"""What a launcher says to its ranks. Left over from elsewhere it would be believed by the next."""


def environment(
    attempt: int, mark: str, more: Mapping[str, str] | None = None, given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """
    What an attempt inherits: ours, without another launcher's words.

    Args:
        attempt: its number.
        mark: by which its processes are known.
        more: wins over everything.
        given: in place of this process's environment.
    """
    inherited = os.environ if given is None else given
    kept = {
        name: value for name, value in inherited.items() if name not in FOREIGN and not name.startswith(FOREIGN_STARTS)
    }
    path = os.pathsep.join([str(ROOT), *filter(None, [kept.get("PYTHONPATH")])])
    ours = {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1", MARK: mark, ATTEMPT: str(attempt)}
    return kept | ours | dict(more or {})


def free_port(host: str = "") -> int:
    """A port that nobody has now; if somebody takes it before it is used, the next attempt has another."""
    with socket.socket() as one:
        one.bind((host, 0))
        return one.getsockname()[1]


class Attempt:
    """
    Starts a command under a keeper, and lets it be signalled and killed with all its descendants.

    Args:
        command: words.
        environment: from `environment`.
        log: file the output is appended to.
        echo: also show the output.
        cwd: where; by default here.

    Attributes:
        status: exit status once it has ended (negative: killed by that signal); `None` before.
        left: processes that could not be killed.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path | None = None,
        echo: bool = True,
        cwd: Path | str | None = None,
    ):
        self.started = time.monotonic()
        self.mark, self.log = environment[MARK], log
        self.status: int | None = None
        self.left: list[int] = []
        reading, writing = os.pipe()
        spec = {"command": list(command), "log": str(log.absolute()) if log else None, "echo": echo, "report": writing}
        self.keeper = subprocess.Popen(
            [sys.executable, "-m", "pixel.orchestration.keeper", json.dumps(spec)],
            stdin=subprocess.PIPE, stdout=None if echo else subprocess.DEVNULL, pass_fds=(writing,),
            env=dict(environment), cwd=cwd, start_new_session=True,
            bufsize=0,  # a buffer would be flushed again on closing, and fail then where the keeper has been killed
        )  # fmt: skip
        os.close(writing)
        self._report, self._heard = reading, b""

    @property
    def seconds(self) -> float:
        """Since it was started."""
        return time.monotonic() - self.started

    def poll(self, wait: float = 0.0) -> bool:
        """Whether it has ended, after waiting for that at most so long."""
        if self.status is not None:
            return True
        if select.select([self._report], [], [], wait)[0]:
            while data := os.read(self._report, 65536):  # until the keeper has ended: nobody is left then
                self._heard += data
            os.close(self._report)
            self.keeper.stdin.close()
            self.keeper.wait()
            try:
                said = json.loads(self._heard)
            except ValueError:  # the keeper itself was killed
                said = {"status": -9}
            self.status = said["status"]
            self.left = kill_all(lambda: marked(self.mark))
        return self.status is not None

    def ask(self, word: str, pids: Iterable[int] = ()) -> None:
        """
        `term` or `abort` those processes (all, if none is named and alive), `lead`: SIGTERM to the command alone, or
        `kill` all.
        """
        try:
            self.keeper.stdin.write(f"{' '.join([word, *map(str, pids)])}\n".encode())
        except (OSError, ValueError):  # it has just ended
            pass

    def end(self, wait: float = 15.0) -> None:
        """Kill everything and wait for that."""
        self.ask("kill")
        if not self.poll(wait):
            self.keeper.kill()
            self.poll(wait)

    def tail(self, size: int = 65536) -> str:
        """The last of its log; of an earlier attempt nothing, since each has its own."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - size))
                return file.read().decode("utf-8", errors="replace")
        except (OSError, AttributeError):
            return ""
