"""Faults on purpose: what strikes, when it strikes, and three of them from end to end."""

import json
import os
import random
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from pixel.benchmarks.faults import actions
from pixel.benchmarks.faults.fault import Fault
from pixel.benchmarks.faults.judging import End, judge, redone
from pixel.benchmarks.faults.moments import Moment, anywhere
from pixel.benchmarks.faults.plan import INTERVAL, KINDS, STEPS, faults
from pixel.benchmarks.faults.round import fault_round, faults_markdown
from pixel.benchmarks.faults.running import Run, mounts, release, take_down
from pixel.benchmarks.faults.servers import FailingServer
from pixel.benchmarks.faults.trainee import Striker
from pixel.checkpoints import newest_valid, seal, verify

ROOT = Path(__file__).parents[2]


# ── the plan ──


def test_a_round_holds_fifty_faults_and_more_and_is_the_same_for_the_same_seed():
    one, again, other = list(faults(3)), list(faults(3)), list(faults(4))
    assert len(one) >= 50 and len({fault.name for fault in one}) == len(one)
    assert one == again != other
    assert [fault.kind for fault in one[: len(KINDS)]] == list(KINDS)  # one of each first


def test_moments_cover_start_steps_saves_and_the_end():
    draw = random.Random(0)
    seen = Counter(anywhere(draw, STEPS, INTERVAL).at for _ in range(2000))
    shares = {"start": 0.1, "step": 0.5, "save": 0.3, "after": 0.1}
    assert all(abs(seen[at] / 2000 - share) < 0.04 for at, share in shares.items())


def test_a_kind_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="'flood'.*disk full"):
        list(faults(0, "flood"))


# ── what is done to a checkpoint is found ──


def checkpoint(folder: Path, step: int = 6) -> Path:
    place = folder / f"checkpoint-{step}"
    place.mkdir(parents=True)
    for name, size in (("model.safetensors", 3000), ("optimizer.pt", 2000), ("trainer_state.json", 300)):
        (place / name).write_bytes(random.Random(size).randbytes(size))
    seal(place, step)
    return place


@pytest.mark.parametrize("how", [how for how in actions.DAMAGES if how != "half_written"])
@pytest.mark.parametrize("seed", range(5))
def test_every_damage_is_seen_and_the_checkpoint_before_it_is_taken(tmp_path, how, seed):
    older, newer = checkpoint(tmp_path, 3), checkpoint(tmp_path, 6)
    before = {file.name: file.read_bytes() for file in newer.iterdir()}
    actions.DAMAGES[how](newer, random.Random(seed))
    assert {file.name: file.read_bytes() for file in newer.iterdir()} != before
    assert not verify(newer).valid
    assert newest_valid(tmp_path)[0] == older


def test_a_half_written_newer_checkpoint_is_passed_by(tmp_path):
    whole = checkpoint(tmp_path)
    actions.half_write(whole, random.Random(0))
    assert actions.newest(tmp_path).name == "checkpoint-7"
    assert newest_valid(tmp_path)[0] == whole


# ── the moment ──


def order(tmp_path, moment: Moment | None, action: str = "none", **given) -> dict:
    (tmp_path / "output").mkdir(exist_ok=True)
    return Fault("x", "x", moment, action, given).order(str(tmp_path), str(tmp_path / "output"))


def test_it_strikes_once_over_all_attempts(tmp_path, monkeypatch):
    struck = []
    monkeypatch.setitem(actions.ACTIONS, "none", lambda order: struck.append(order["action"]))
    for _ in range(2):
        striker = Striker(order(tmp_path, Moment("step", 3, "end")), 0)
        striker.arm()
        for step in (1, 2, 3, 3):
            striker.step(step, "begin")
            striker.step(step, "end")
    assert struck == ["none"]


def test_another_rank_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setitem(actions.ACTIONS, "none", lambda order: pytest.fail("struck"))
    Striker(order(tmp_path, Moment("step", 3, "end", rank=1)), 0).step(3, "end")


SAVING = """
import json, os, sys
from pathlib import Path
from pixel.benchmarks.faults.trainee import Striker
order = json.loads(Path(sys.argv[1]).read_text())
Striker(order, 0).arm()
out = Path(order["output"])
(out / "heartbeat").mkdir()
for step in (3, 6):
    part = out / f".checkpoint-{step}.partial"
    part.mkdir()
    for number in range(3):
        (part / f"{number}").write_text("x")
    os.replace(part, out / f"checkpoint-{step}")
"""


@pytest.mark.parametrize(
    ("operation", "left"),
    [(1, []), (3, ["0"]), (4, ["0", "1"]), (99, ["0", "1", "2"])],  # making the folder is the first
)
def test_a_kill_in_a_save_comes_at_that_file_and_at_the_latest_before_the_name(tmp_path, operation, left):
    file = tmp_path / "order.json"
    file.write_text(json.dumps(order(tmp_path, Moment("save", 6, operation=operation), "kill_rank")))
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", SAVING, str(file)], cwd=ROOT, env=surroundings)
    assert done.returncode == -9
    output = tmp_path / "output"
    assert (output / "checkpoint-3").is_dir() and not (output / "checkpoint-6").exists()
    part = output / ".checkpoint-6.partial"
    assert sorted(path.name for path in part.iterdir()) == left if left else not part.exists()


# ── servers and disks ──


def ask(server: FailingServer, path: str) -> int:
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5).status
    except urllib.error.HTTPError as error:
        return error.code


def refused(server: FailingServer) -> bool:
    for _ in range(40):
        try:
            ask(server, "/")
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_a_hub_of_500_knows_who_we_are_and_no_more():
    server = FailingServer("hub_500")
    assert [ask(server, "/api/whoami-v2"), ask(server, "/api/models/a/b")] == [200, 500]
    server.leave()


def test_a_hub_that_goes_answers_the_first_request_of_the_push_and_none_after():
    server = FailingServer("hub_gone")
    assert [ask(server, "/api/whoami-v2"), ask(server, "/api/repos/create")] == [200, 200]
    assert refused(server)


def test_a_sink_that_dies_takes_two_messages():
    server = FailingServer("sink_dies")
    assert [ask(server, "/"), ask(server, "/")] == [200, 200]
    assert refused(server)


def test_a_server_that_refuses_was_never_there():
    assert refused(FailingServer("sink_refuses"))


def mountable() -> bool:
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not mountable(), reason="needs the right to mount")
def test_a_full_disk_and_a_read_only_folder_pass(tmp_path):
    made = Run(tmp_path)
    made.output.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", made.output], check=True)
    try:
        (tmp_path / "fired").touch()
        actions.fill_disk({"output": str(made.output)})
        with pytest.raises(OSError, match="No space left"):
            (made.output / "x").write_text("x")
        release(Fault("x", "x", action="fill_disk"), made)
        (made.output / "x").write_text("x")
        actions.make_read_only({"output": str(made.output)})
        with pytest.raises(OSError, match="Read-only"):
            (made.output / "x").write_text("y")
        assert mounts(made.output) == 2
    finally:
        take_down(made)
    assert mounts(made.output) == 0


# ── the judgement ──


def test_steps_taken_twice_are_counted(tmp_path):
    (tmp_path / "steps.txt").write_text("1 1\n1 2\n1 3\n1 4\n2 4\n2 5\n")
    assert redone(tmp_path) == 1


def test_a_run_that_did_not_end_is_not_well(tmp_path):
    made = Run(tmp_path, statuses=[1])
    made.output.mkdir()
    row = judge(Fault("x 1", "x"), made, End(1.0, "a", "b", "c"), STEPS, INTERVAL)
    assert not row["ok"] and not row["finished"] and not row["same_weights"]
    assert "x 1 (from the start): not finished" in faults_markdown([row])


# ── from end to end ──


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["SIGKILL of the only process", "checkpoint bit-flipped", "disk full"])
def test_a_run_that_is_struck_ends_as_the_unbroken_one(tmp_path, monkeypatch, kind):
    monkeypatch.setitem(KINDS, kind, (1, KINDS[kind][1]))
    (row,) = fault_round(tmp_path, only=kind)
    assert row["ok"], json.dumps(row, indent=1)
