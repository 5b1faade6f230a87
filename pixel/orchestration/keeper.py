"""
A small process between the supervisor and a training run, which sees to it that nobody outlives either.

It starts the command in a session of its own, adopts every orphan among its descendants (so that grandchildren and
data workers that have left the process group are still found), writes their output to a log, and ends when the command
ends or the supervisor is gone, after killing whoever is left. A full disk costs lines of the log and not the run.

Its standard input is the supervisor's voice: `term PID ...`, `abort PID ...`, `lead` (SIGTERM to the command alone),
`kill`; its end means that the supervisor has died, by whatever signal. On the descriptor `report` it says how the
command ended: `{"status": int, "left": [pid]}`. Standard library alone: it starts in some tens of milliseconds.
"""

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

from pixel.orchestration.processes import adopt_orphans, descendants, die_with_parent, kill_all, send

SHOUTS = {"term": signal.SIGTERM, "abort": signal.SIGABRT}


class Keeper:
    """
    Keeps one command.

    Args:
        command: words.
        log: file its output is appended to; `None` for none.
        echo: also pass the output on to this process's own.
        report: descriptor to write the end to.
    """

    def __init__(self, command: list[str], log: str | None, echo: bool, report: int):
        adopt_orphans()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):  # the supervisor decides; children get defaults
            signal.signal(number, lambda *_: None)
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        self.log, self.echo, self.report, self.status = _open(log), echo, report, None
        try:
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=die_with_parent,
            )  # fmt: skip
        except OSError as error:
            self._write(f"error: {command[0]}: {error.strerror}. Mend: name a program that is there\n".encode())
            self._say(127, [])
            sys.exit(0)

    def keep(self) -> None:
        """Until the command, or the supervisor, has ended."""
        voice, output = 0, self.child.stdout.fileno()
        watched, heard = [voice, output], b""
        while self.status is None:
            ready, _, _ = select.select(watched, [], [], 0.05)
            if output in ready and not self._pump(output):
                watched.remove(output)
            if voice in ready:
                said = os.read(voice, 4096)
                if not said:
                    break
                *lines, heard = (heard + said).split(b"\n")
                for line in lines:
                    self._obey(line.decode().split())
            self._reap()
        left = kill_all(self._family)
        until = time.monotonic() + 2
        while output in watched and time.monotonic() < until and select.select([output], [], [], 0)[0]:
            if not self._pump(output):
                break
        self._say(self.status if self.status is not None else -signal.SIGKILL, left)

    def _family(self) -> list[int]:
        self._reap()
        return descendants(os.getpid())

    def _obey(self, words: list[str]) -> None:
        """Those that were named and are ours; where none is, all."""
        family = descendants(os.getpid())
        if words[:1] == ["kill"]:
            kill_all(self._family)
        elif words[:1] == ["lead"]:
            send([self.child.pid], signal.SIGTERM)
        elif words and words[0] in SHOUTS:
            named = [pid for pid in family if str(pid) in words[1:]]
            send(named or family, SHOUTS[words[0]])

    def _reap(self) -> None:
        """Take leave of whoever has ended, adopted orphans too."""
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.child.pid:
                    self.status = self.child.returncode = os.waitstatus_to_exitcode(ended[1])
        except ChildProcessError:
            pass

    # ── output ──

    def _pump(self, output: int) -> bool:
        data = os.read(output, 65536)
        self._write(data)
        return bool(data)

    def _write(self, data: bytes) -> None:
        if self.log is not None:
            try:
                self.log.write(data)
            except OSError:  # the disk is full: the run may still be able to go on
                pass
        for start in range(0, len(data) if self.echo else 0, 4096):
            try:
                if select.select([], [1], [], 1.0)[1]:  # a terminal that nobody reads must not stop the run
                    os.write(1, data[start : start + 4096])
            except OSError:
                self.echo = False

    def _say(self, status: int, left: list[int]) -> None:
        try:
            os.write(self.report, json.dumps({"status": status, "left": left}).encode())
        except OSError:  # nobody listens any more
            pass


def _open(log: str | None) -> BinaryIO | None:
    try:
        if log is None:
            return None
        Path(log).parent.mkdir(parents=True, exist_ok=True)
        return open(log, "ab", buffering=0)
    except OSError as error:
        print(f"no log: {log}: {error.strerror}", file=sys.stderr, flush=True)
        return None


if __name__ == "__main__":
    Keeper(**json.loads(sys.argv[1])).keep()
