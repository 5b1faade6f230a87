"""One start of a command: its output is kept, and its whole family ends with it."""

import os
import socket
import sys
from pathlib import Path

from pixel.orchestration.attempt import Attempt, environment, free_port
from pixel.orchestration.processes import descendants, marked, start_time
from tests.orchestration.parts import gone, wait_for

SLEEPS = "import time; time.sleep(600)"
FAMILY = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', '{SLEEPS}'], start_new_session=True); "


def attempt(tmp_path, code: str, log: Path | None = None, **more) -> Attempt:
    words = [sys.executable, "-c", code]
    return Attempt(words, environment(1, str(tmp_path), more), log or tmp_path / "log", echo=False)


def ended(one: Attempt) -> int:
    wait_for(lambda: one.poll(0.05))
    return one.status


def test_both_streams_go_to_the_log_in_order_and_the_status_is_the_commands(tmp_path):
    code = "import sys; print('a'); print('b', file=sys.stderr); print('c'); sys.exit(7)"
    one = attempt(tmp_path, code)
    assert ended(one) == 7
    assert (tmp_path / "log").read_text() == "a\nb\nc\n" == one.tail()


def test_a_log_grows_and_keeps_what_was_there(tmp_path):
    for _ in range(2):
        ended(attempt(tmp_path, "print('x' * 300_000)"))
    assert (tmp_path / "log").stat().st_size == 2 * 300_001


def test_a_full_disk_costs_the_log_and_not_the_run(tmp_path):
    assert ended(attempt(tmp_path, "print('x' * 300_000)", Path("/dev/full"))) == 0


def test_a_program_that_is_not_there_is_said(tmp_path):
    one = Attempt(["no-such-program"], environment(1, str(tmp_path)), tmp_path / "log", echo=False)
    assert ended(one) == 127
    assert one.tail() == "error: no-such-program: No such file or directory. Mend: name a program that is there\n"


def test_a_signal_is_told_as_a_negative_status(tmp_path):
    assert ended(attempt(tmp_path, "import os; os.kill(os.getpid(), 9)")) == -9


def test_whoever_is_left_behind_is_killed(tmp_path):
    one = attempt(tmp_path, FAMILY)  # the command ends at once, and its child sleeps on in another session
    assert ended(one) == 0 and one.left == []
    assert marked(str(tmp_path)) == []


def test_to_end_it_is_to_end_all(tmp_path):
    one = attempt(tmp_path, FAMILY + SLEEPS)
    family = wait_for(lambda: (found := marked(str(tmp_path))) and len(found) == 3 and found)
    one.end()
    assert one.status == -9 and all(gone(pid) for pid in family)


def test_a_keeper_that_was_killed_meanwhile_is_no_error_to_whoever_speaks_to_it(tmp_path):
    one = attempt(tmp_path, SLEEPS)
    one.keeper.kill()
    one.keeper.wait()
    one.ask("term")
    one.end()
    assert one.status == -9 and marked(str(tmp_path)) == []


def test_only_those_who_are_named_and_of_the_family_are_told(tmp_path):
    listens = (
        "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(5)); print('up', flush=True); time.sleep(600)"
    )
    one = attempt(tmp_path, listens)
    wait_for(lambda: "up" in one.tail())
    one.ask("term", [os.getpid(), *descendants(one.keeper.pid)])  # we ourselves are no descendant
    assert ended(one) == 5


def test_a_port_is_free_and_a_pid_has_one_birth():
    with socket.socket() as one:
        one.bind(("", free_port()))
    assert start_time(os.getpid()) == start_time(os.getpid()) > 0
    assert start_time(2**22 + 1) is None
