"""
The outer supervisor: starts a training again until it has finished, whatever ends it.

Why not an elastic launcher: measured with DeepSpeed 0.19 and torch 2.13, a restart inside torchrun hangs with a static
rendezvous, takes 73-81 s under c10d and works for plain data parallel alone; under ZeRO-3 no restart inside the
launcher came back, while a fresh launch (new port, stale compiler locks removed) did in 23 s. A launcher also ends
with 1 whatever its ranks did, and a stock trainer that was told to stop ends with 0 before its last step. So
everything is started anew, and what is believed is `pixel.checkpoints.progress`: `finished.json`, not an exit status.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from pixel.checkpoints.progress import FINISHED, progress
from pixel.monitoring.alerts import Alert, Alerts, Severity
from pixel.orchestration.attempt import Attempt, environment
from pixel.orchestration.failures import PREEMPTED, Failure, classify, oom_kills
from pixel.orchestration.hang import Hang, HangLimits, HangWatch
from pixel.orchestration.heartbeat import SPARE, Beat, read_beats, spare_folder
from pixel.orchestration.locks import FolderLock
from pixel.orchestration.nodes import Alone
from pixel.orchestration.preflight import is_full, log_file, preflight
from pixel.orchestration.processes import heard, kill_all, marked
from pixel.orchestration.record import AttemptRecord, Record
from pixel.orchestration.restarts import Restarts

DONE, GAVE_UP = 0, 1

LINGER = 30.0
"""Seconds in which a machine's part of an attempt that is over elsewhere may end by itself."""


class Supervisor:
    """
    Runs a command, which writes checkpoints and heartbeats to `output_dir`, until `finished.json` is there.

    Args:
        output_dir: of the run.
        command: words; a word `{port}` is replaced by a port that is free at that attempt.
        limits: when silence is a hang.
        restarts: how often and when to start again.
        grace: seconds a save may take after SIGTERM; then everything is killed.
        alerts: who hears of failures, restarts, hangs, the end; nobody by default.
        environment: more variables for the command; they win.
        echo: also show what the command says.
        nodes: its part of several machines; by default this machine is alone.
        ranks: processes that send heartbeats; by default whoever does.
        cwd: where the command runs.
        least_free: bytes under `output_dir` below which a warning is sent before an attempt.
        poll: seconds between looks.

    Example:
        >>> Supervisor("outputs/run", ["python", "recipes/train.py", "--config", "x.yaml"]).run()  # doctest: +SKIP
        0
    """

    def __init__(
        self,
        output_dir: str | Path,
        command: Sequence[str],
        *,
        limits: HangLimits | None = None,
        restarts: Restarts | None = None,
        grace: float = 600.0,
        alerts: Alerts | None = None,
        environment: Mapping[str, str] | None = None,
        echo: bool = True,
        nodes: Alone | None = None,
        ranks: int | None = None,
        cwd: str | Path | None = None,
        least_free: int = 1 << 30,
        poll: float = 0.2,
    ):
        self.output_dir, self.command = Path(output_dir).absolute(), list(command)
        self.limits, self.restarts = limits or HangLimits(), restarts or Restarts()
        self.grace, self.alerts = grace, alerts if alerts is not None else Alerts()
        self.more, self.echo, self.ranks, self.cwd = dict(environment or {}), echo, ranks, cwd
        self.nodes = nodes or Alone()
        self.least_free, self.poll = least_free, poll
        self.mark = f"{self.output_dir}#{self.nodes.suffix}".rstrip("#")
        self.record = Record(self.output_dir, f"supervisor{self.nodes.suffix}.json", self.command)
        self._stepped, self.spare = False, None
        self._stops = 0  # how often it was asked to; a plain number, because a signal handler may not wait for a lock

    # ── the whole run ──

    def run(self) -> int:
        """
        Until it has finished, was stopped, or starting again is hopeless.

        Returns:
            0: finished; 75: stopped (SIGTERM or `stop`), to be continued; 1: gave up. OUTPUT/supervisor.json says why.

        Raises:
            InUseError: another supervisor works in that folder.
            OSError: the folder cannot be written.
        """
        lock = FolderLock(self.output_dir / f"supervisor{self.nodes.suffix}.lock")
        with lock, heard(self.stop), spare_folder() as self.spare:
            kill_all(lambda: marked(self.mark))  # of a supervisor that was killed together with its keeper
            self.record = Record.of(self.output_dir, self.record.name, self.command)
            while True:
                ended = self._attempt()
                if ended is not None:
                    return ended

    def stop(self) -> None:
        """Ask the ranks to save and end; asked again, kill them. From any thread or signal handler."""
        self._stops += 1

    def stopping(self) -> bool:
        """Whether it was asked to."""
        return self._stops > 0

    # ── one attempt ──

    def _attempt(self) -> int | None:
        meeting = self.nodes.begin(self.record.next_number(), self.stopping)
        if meeting is None:  # stopped while waiting, or the first machine says that it is over
            return self._over("stopped", PREEMPTED) if self.stopping() else self._over(*self.nodes.outcome())
        for problem in preflight(self.output_dir, self.more, self.least_free, (self.ranks or 1) // self.nodes.count):
            self._alert("preflight", "warning", problem)
        before, said_before = progress(self.output_dir), self._finished_file()
        number, port = meeting
        log = log_file(self.output_dir / "attempts", f"{number}{self.nodes.suffix}.log")
        noted = AttemptRecord(number, time.time(), before.step, port=port, log=str(log))
        self.record.attempts.append(noted)
        self.record.restarts_left = self.restarts.left
        self.record.write("running")
        killed_before = oom_kills()
        words = [str(port) if word == "{port}" else word for word in self.command]
        more = self.more | ({SPARE: self.spare} if self.spare else {})
        attempt = Attempt(words, environment(number, self.mark, more), log, self.echo, self.cwd)
        try:
            hang = self._watch(attempt, number)
        finally:
            if attempt.status is None:  # an error of our own: leave nobody behind
                attempt.end()
        after = progress(self.output_dir)
        noted.to_step, noted.status, noted.seconds = after.step, attempt.status, round(attempt.seconds, 2)
        if attempt.left:
            self._alert("left_over", "error", f"{len(attempt.left)} processes cannot be killed: {attempt.left[:8]}")
        if after.finished and (attempt.status == 0 or self._finished_file() != said_before):
            return self._finish(noted)
        if not self.nodes.leads and attempt.status == 0:  # what the first machine still does at the end is its affair
            noted.kind = "ended"
            return None
        beats = self.beats(number)
        self._stepped |= after.step > before.step or any(beat.phase != "start" for beat in beats)
        failure = classify(
            attempt.status,
            attempt.tail(),
            beats,
            hang=hang,
            out_of_memory=(oom_kills() or 0) > (killed_before or 0),
            full=is_full(self.output_dir),
            stepped=self._stepped,
        )
        if attempt.status != 0:
            self.nodes.failed(number)
        if self.stopping():
            noted.kind, noted.reason = "stopped", f"asked to stop: {failure.reason}"
            return self._over("stopped", PREEMPTED)
        return self._again(noted, failure)

    def _watch(self, attempt: Attempt, number: int) -> Hang | None:
        """Until it has ended, by itself or by our hand."""
        watch = HangWatch(self.limits, self.ranks)
        told, deadline, looked = 0, float("inf"), 0.0
        while not attempt.poll(self.poll):
            now = time.monotonic()
            if self._stops > told:
                if told == 0:  # asked twice between two looks it still saves first
                    attempt.ask("term", [beat.pid for beat in self.beats(number)])
                told, deadline = self._stops, now + self.grace if told == 0 else now
            if deadline == float("inf") and self.nodes.called_off(number):
                deadline = now + LINGER
            if now > deadline:
                attempt.end()
            elif not told and now - looked >= min(1.0, 5 * self.poll):
                looked = now
                beats = self.beats(number)
                if (hang := watch.look(beats)) is not None:
                    self._alert("training_hung", "error", f"{hang}; stacks go to {attempt.log}, then it is killed")
                    attempt.ask("abort", [beat.pid for beat in beats])
                    attempt.poll(3.0)
                    attempt.end()
                    return hang
        return None

    # ── what follows ──

    def _again(self, noted: AttemptRecord, failure: Failure) -> int | None:
        noted.kind, noted.reason = failure.kind, failure.reason
        lost = f"step {noted.to_step} is safe" if noted.to_step else "no checkpoint yet"
        severity: Severity = "info" if failure.kind == "preempted" else "error"
        self._alert("training_failed", severity, f"attempt {noted.number}: {failure.kind}: {failure.reason} ({lost}). "
                    f"Mend: {failure.mend}")  # fmt: skip
        wait = self.restarts.after(noted.to_step or 0) if failure.again else None
        wait = 0.0 if wait is not None and failure.kind == "port" else wait
        self.record.restarts_left = self.restarts.left
        if not self.nodes.leads:  # the first machine decides
            self.record.write("waiting")
            return None
        if wait is None:
            why = f"{self.restarts.ceiling} restarts without progress" if failure.again else "no restart mends this"
            self._alert("training_given_up", "error", f"{why}: {failure.kind}: {failure.reason}. Mend: {failure.mend} "
                        f"(log: {noted.log})")  # fmt: skip
            return self._over("gave up", GAVE_UP)
        self._alert("training_restarted", "warning", f"from step {noted.to_step} in {wait:.1f} s; "
                    f"{self.restarts.left} restarts left without progress")  # fmt: skip
        self.record.write("waiting")
        until = time.monotonic() + wait
        while not self.stopping() and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, self.poll))
        return self._over("stopped", PREEMPTED) if self.stopping() else None

    def _finish(self, noted: AttemptRecord) -> int:
        noted.kind = "finished"
        if noted.status != 0:
            noted.reason = f"the command ended with {noted.status} after {FINISHED} was written"
        note = f" ({noted.reason})" if noted.reason else ""
        count = len(self.record.attempts)
        self._alert("training_finished", "info", f"{noted.to_step} steps after {count} attempts{note}")
        return self._over("finished", DONE)

    def _over(self, state: str, status: int) -> int:
        self.record.write(state)
        self.nodes.over(state, status)
        return status

    def _alert(self, kind: str, severity: Severity, message: str) -> None:
        self.alerts.send(Alert(kind, severity, progress(self.output_dir).step, message))

    def beats(self, number: int) -> list[Beat]:
        """The last word of every rank in that attempt."""
        return read_beats(self.output_dir, number, self.spare)

    def _finished_file(self) -> tuple[int, int] | None:
        try:
            found = (self.output_dir / FINISHED).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino
