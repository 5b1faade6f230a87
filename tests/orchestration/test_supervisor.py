"""A run goes on until it has finished, and nobody outlives it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pixel.checkpoints import progress
from pixel.orchestration import HangLimits, InUseError, Restarts
from tests.orchestration.parts import alerts, alive, gone, kinds, supervisor, wait_for

ROOT = Path(__file__).parents[2]


def test_a_run_without_faults_is_started_once(tmp_path):
    chosen = supervisor(tmp_path, "fine")
    assert chosen.run() == 0
    assert kinds(chosen) == ["finished"] and alerts(chosen) == ["training_finished"]


def test_a_crash_is_followed_by_an_attempt_that_goes_on_from_what_is_safe(tmp_path):
    chosen = supervisor(tmp_path, "crash", "fine")
    assert chosen.run() == 0
    first, second = chosen.record.attempts
    assert (first.kind, first.from_step, first.to_step) == ("error", 0, 1)  # it crashed in step 2
    assert (second.kind, second.from_step, second.to_step) == ("finished", 1, 4)
    assert first.port != second.port
    assert alerts(chosen) == ["training_failed", "training_restarted", "training_finished"]


def test_an_alert_names_the_place_and_the_mend_and_not_what_the_error_said(tmp_path):
    chosen = supervisor(tmp_path, "crash", "fine")
    chosen.run()
    said = chosen.alerts.sent[0].message
    assert "RuntimeError in do, child.py line" in said and "Mend:" in said
    assert "nobody should read" not in json.dumps([one.as_dict() for one in chosen.alerts.sent])
    assert "nobody should read" in (tmp_path / "attempts" / "1.log").read_text()


def test_exit_status_0_before_the_last_step_is_a_failure(tmp_path):
    chosen = supervisor(tmp_path, "quit", "fine")
    assert chosen.run() == 0
    assert kinds(chosen) == ["unfinished", "finished"]


def test_an_error_after_the_end_is_a_note_and_not_a_failure(tmp_path):
    chosen = supervisor(tmp_path, "late")
    assert chosen.run() == 0
    assert kinds(chosen) == ["finished"]
    assert "ended with 3" in chosen.record.attempts[0].reason


def test_a_finish_of_an_earlier_run_does_not_hide_a_crash(tmp_path):
    (tmp_path / "finished.json").write_text('{"global_step": 9, "max_steps": 9}')
    chosen = supervisor(tmp_path, "crash at once", restarts=Restarts(1, first=0.01))
    assert chosen.run() == 1
    assert kinds(chosen) == ["error", "error"]


@pytest.mark.parametrize("deed", ["hang", "stubborn", "fork and hang"])
def test_a_hang_is_seen_its_stack_is_kept_and_the_run_goes_on(tmp_path, deed):
    chosen = supervisor(tmp_path, deed, "fine")
    assert chosen.run() == 0
    assert kinds(chosen) == ["hang", "finished"]
    assert alerts(chosen)[0] == "training_hung"
    assert "rank 0 (train, step 2)" in chosen.record.attempts[0].reason
    log = (tmp_path / "attempts" / "1.log").read_text()
    assert "Fatal Python error: Aborted" in log and "in do" in log
    assert not alive(tmp_path)


def test_a_grandchild_in_a_session_of_its_own_dies_with_its_attempt(tmp_path):
    chosen = supervisor(tmp_path, "fork")
    assert chosen.run() == 0
    assert gone(int((tmp_path / "grandchild").read_text()))


def test_a_setting_that_no_restart_mends_ends_it_at_once(tmp_path):
    chosen = supervisor(tmp_path, "setting")
    assert chosen.run() == 1
    assert kinds(chosen) == ["setting"] and alerts(chosen) == ["training_failed", "training_given_up"]
    assert "learning_rate is a word" in chosen.record.attempts[0].reason
    assert json.loads((tmp_path / "supervisor.json").read_text())["state"] == "gave up"


def test_a_crash_loop_without_progress_is_soon_over(tmp_path):
    chosen = supervisor(tmp_path, "crash at once", restarts=Restarts(2, first=0.01))
    assert chosen.run() == 1
    assert kinds(chosen) == ["error"] * 3
    assert alerts(chosen)[-1] == "training_given_up"


def test_faults_with_progress_in_between_never_use_up_the_ceiling(tmp_path):
    chosen = supervisor(tmp_path, "killed", "crash", "non finite", "fine", restarts=Restarts(1, first=0.01))
    assert chosen.run() == 1  # both faults of step 2, one checkpoint: the second crash is without progress
    (tmp_path / "again").mkdir()
    chosen = supervisor(tmp_path / "again", "killed", "fine", restarts=Restarts(1, first=0.01))
    assert chosen.run() == 0
    assert kinds(chosen) == ["killed", "finished"]


def test_a_port_that_was_taken_costs_no_wait(tmp_path):
    chosen = supervisor(tmp_path, "port", "fine", restarts=Restarts(2, first=60, longest=60))
    started = time.monotonic()
    assert chosen.run() == 0
    assert kinds(chosen) == ["port", "finished"] and time.monotonic() - started < 30


def test_asked_to_stop_it_waits_for_the_save_and_ends_with_75(tmp_path):
    chosen = supervisor(tmp_path, "long", steps=200)
    ended = []
    thread = threading.Thread(target=lambda: ended.append(chosen.run()))
    thread.start()
    wait_for(lambda: progress(tmp_path).step >= 2)
    chosen.stop()
    thread.join(30)
    assert ended == [75] and kinds(chosen) == ["stopped"]
    assert chosen.record.attempts[0].to_step == progress(tmp_path).step
    assert "saved on SIGTERM" in chosen.record.attempts[0].reason


def test_asked_twice_at_once_it_still_saves_first(tmp_path):
    chosen = supervisor(tmp_path, "long", steps=200)
    ended = []
    thread = threading.Thread(target=lambda: ended.append(chosen.run()))
    thread.start()
    wait_for(lambda: progress(tmp_path).step >= 2)
    chosen._stops += 2  # two signals between two looks, as a scheduler sends them
    thread.join(15)
    assert ended == [75] and "saved on SIGTERM" in chosen.record.attempts[0].reason


def test_a_rank_is_heard_where_the_output_folder_takes_no_heartbeat(tmp_path):
    (tmp_path / "heartbeat").write_text("a file where the folder should be")
    chosen = supervisor(tmp_path, "long", steps=200)
    thread = threading.Thread(target=chosen.run)
    thread.start()
    (beat,) = wait_for(lambda: [beat for beat in chosen.beats(1) if beat.step >= 2])
    chosen.stop()
    thread.join(30)
    assert beat.phase == "train" and gone(beat.pid) and kinds(chosen) == ["stopped"]
    assert not Path(chosen.spare).exists()


def test_what_looks_like_a_setting_is_tried_again_once_a_step_was_made(tmp_path):
    chosen = supervisor(tmp_path, "crash", "setting", "fine")
    assert chosen.run() == 0
    assert kinds(chosen) == ["error", "error", "finished"]


def test_a_save_that_takes_longer_than_the_grace_is_cut_off(tmp_path):
    chosen = supervisor(tmp_path, "stubborn", grace=0.3, limits=HangLimits(step=60))
    ended = []
    thread = threading.Thread(target=lambda: ended.append(chosen.run()))
    thread.start()
    wait_for(lambda: progress(tmp_path).step >= 1)
    chosen.stop()
    thread.join(20)
    assert ended == [75] and not alive(tmp_path)


SCRIPT = """
import sys
from pathlib import Path
from tests.orchestration.parts import supervisor
sys.exit(supervisor(Path(sys.argv[1]), *sys.argv[2:], steps=200).run())
"""


def started(folder: Path, *deeds: str) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(folder), *deeds], env=environment, cwd=ROOT)


def test_sigterm_is_passed_on_and_ends_with_75(tmp_path):
    process = started(tmp_path, "long")
    wait_for(lambda: progress(tmp_path).step >= 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 75
    assert json.loads((tmp_path / "supervisor.json").read_text())["state"] == "stopped"


def test_nobody_outlives_a_supervisor_that_is_killed(tmp_path):
    process = started(tmp_path, "fork and hang")
    wait_for((tmp_path / "grandchild").exists)
    family = wait_for(lambda: alive(tmp_path))
    process.kill()
    process.wait()
    family = [*family, int((tmp_path / "grandchild").read_text())]
    wait_for(lambda: not alive(tmp_path) and all(gone(pid) for pid in family), 20)


def test_after_a_killed_supervisor_another_takes_over_with_the_attempts_so_far(tmp_path):
    process = started(tmp_path, "hang")
    wait_for(lambda: progress(tmp_path).step >= 1)
    process.kill()
    process.wait()
    chosen = supervisor(tmp_path, "hang", "fine")
    assert chosen.run() == 0
    assert [(one.number, one.kind) for one in chosen.record.attempts] == [(1, "killed"), (2, "finished")]


def test_a_second_supervisor_of_a_folder_is_refused_and_told_who_is_there(tmp_path):
    process = started(tmp_path, "long")
    try:
        wait_for(lambda: alive(tmp_path))
        with pytest.raises(InUseError, match=f"supervisor {process.pid} on .* Mend:"):
            supervisor(tmp_path, "fine").run()
    finally:
        process.kill()
        process.wait()


def test_a_killed_keeper_takes_its_family_along_and_is_followed_by_another_attempt(tmp_path):
    chosen = supervisor(tmp_path, "fork and hang", "fine", limits=HangLimits(step=60))
    thread = threading.Thread(target=chosen.run)
    thread.start()
    wait_for((tmp_path / "grandchild").exists)
    keeper = min(alive(tmp_path))
    os.kill(keeper, signal.SIGKILL)
    thread.join(30)
    assert kinds(chosen) == ["killed", "finished"]
    assert gone(int((tmp_path / "grandchild").read_text()))


def test_it_starts_without_torch_in_a_moment():
    code = "import sys, recipes.launch, pixel.orchestration.supervisor, pixel.orchestration.pipeline\n"
    code += "print('torch' in sys.modules, 'transformers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["False", "False"], done.stderr
