"""Several machines, one supervisor each: they agree on attempts and ports through files in the output folder."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pixel.data.whole_files import write_in_one_step
from pixel.orchestration.accelerate_command import LaunchError
from pixel.orchestration.attempt import free_port

FOLDER = "nodes"


class Alone:
    """One machine: every attempt has a free port."""

    suffix, leads, count = "", True, 1

    def begin(self, number: int, stopping: Callable[[], bool]) -> tuple[int, int] | None:
        """Number and port of the next attempt; `None` where there is none."""
        return None if stopping() else (number, free_port())

    def called_off(self, number: int) -> bool:
        """Whether another machine has ended this attempt."""
        return False

    def failed(self, number: int) -> None:
        """Tell the others that this machine's part has ended."""

    def over(self, state: str, status: int) -> None:
        """Tell the others that there will be no attempt any more."""

    def outcome(self) -> tuple[str, int]:
        """How the first machine said that it ended."""
        return "stopped", 75


class Nodes(Alone):
    """
    Machine `rank` of `count`. The first leads: it numbers the attempts, chooses the port (which is free on its
    machine, where the ranks meet), and decides whether to try again. The others follow, and say when their part has
    failed.

    Files: OUTPUT/nodes/attempt.json by the first, OUTPUT/nodes/RANK.json by each of the others. The folder must be
    shared by all machines; how soon a file is seen is the file system's affair.

    Args:
        output_dir: shared.
        count: machines.
        rank: this one, from 0.
        base_port: attempt N meets at `base_port + N % 100` instead, where a firewall opens a range.
        patience: seconds a follower waits for the next attempt, and the first for a folder it can announce it in.
    """

    def __init__(
        self, output_dir: str | Path, count: int, rank: int, base_port: int | None = None, patience: float = 3600.0
    ):
        if not 0 <= rank < count:
            raise LaunchError(f"--machine_rank {rank}: there are {count} machines. Mend: 0 to {count - 1}")
        self.folder, self.count, self.rank = Path(output_dir) / FOLDER, count, rank
        self.base_port, self.patience = base_port, patience
        self._complained = False
        self.suffix, self.leads = f"-{rank}" if rank else "", rank == 0
        self.seen = self._read("attempt").get("attempt", 0)
        if (
            not self.leads
            and "over" not in self._read("attempt")
            and self._read(str(rank)).get("attempt") != self.seen
        ):
            self.seen = max(self.seen - 1, 0)  # the first machine was quicker: this attempt is still to be joined

    def begin(self, number: int, stopping: Callable[[], bool]) -> tuple[int, int] | None:
        """The first machine announces an attempt; the others wait for it."""
        if stopping():
            return None
        until = time.monotonic() + self.patience
        if self.leads:
            number = max(number, self.seen + 1)
            port = free_port() if self.base_port is None else self.base_port + number % 100
            while not self._write("attempt", {"attempt": number, "port": port}):  # nobody could join it
                if stopping() or time.monotonic() >= until:
                    return None
                time.sleep(0.5)
            self.seen = number
            return number, port
        while not stopping() and time.monotonic() < until:
            said = self._read("attempt")
            if said.get("attempt", 0) > self.seen:
                if "over" in said:
                    return None
                self.seen = said["attempt"]
                return self.seen, said["port"]
            time.sleep(0.1)
        return None

    def called_off(self, number: int) -> bool:
        """The first machine watches the others, they watch the first."""
        if not self.leads:
            said = self._read("attempt")
            return said.get("attempt", number) != number or "over" in said
        return any(self._read(str(other)).get("attempt") == number for other in range(1, self.count))

    def failed(self, number: int) -> None:
        """A follower's part of an attempt has ended."""
        if not self.leads:
            self._write(str(self.rank), {"attempt": number})

    def over(self, state: str, status: int) -> None:
        """No attempt any more."""
        if self.leads:
            self._write("attempt", {"attempt": self.seen + 1, "over": state, "status": status})

    def outcome(self) -> tuple[str, int]:
        """How the first machine ended; gave up, if it was not heard of."""
        said = self._read("attempt")
        return (said["over"], said["status"]) if "over" in said else ("gave up", 1)

    def _read(self, name: str) -> dict:
        try:
            content = json.loads((self.folder / f"{name}.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def _write(self, name: str, content: dict) -> bool:
        """A folder that is full for a while must not end the supervisor."""
        file = self.folder / f"{name}.json"
        try:
            write_in_one_step(file, json.dumps(content))
        except OSError as error:
            if not self._complained:
                print(f"{file}: {error.strerror}. Mend: free space there, or let it be written to", file=sys.stderr)
            self._complained = True
            return False
        self._complained = False
        return True
