"""Every way to fail has a name, a mend, and an answer to whether starting again can help."""

import pytest

from pixel.orchestration.failures import MENDS, classify, oom_kills, rank_statuses
from pixel.orchestration.hang import Hang
from pixel.orchestration.heartbeat import Beat

TRACE = 'Traceback (most recent call last):\n  File "/x/loader.py", line 7, in read\n    f()\n'
TORCHRUN = """
[rank0]: Traceback (most recent call last):
[rank0]:   File "/x/trainer.py", line 9, in step
[rank0]: RuntimeError: [gloo/transport/tcp/pair.cc:537] Read error: Connection reset by peer
Root Cause (first observed failure):
  exitcode  : {} (pid: 5)
Traceback (most recent call last):
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
"""

CASES = {
    "preempted by status": (75, "", "preempted"),
    "preempted, as the launcher tells it": (1, TORCHRUN.format(75), "preempted"),
    "preempted, as accelerate tells it": (1, "returned non-zero exit status 75.", "preempted"),
    "non-finite": (76, "", "non_finite"),
    "a setting": (1, "error: lora_r: -1. Mend: at least 0\n", "setting"),
    "an import": (1, TRACE + "ModuleNotFoundError: No module named 'trl'\n", "import"),
    "the disk is full": (1, TRACE + "OSError: [Errno 28] No space left on device\n", "disk_full"),
    "the disk is full, said in one line": (1, "error: x: No space left on device. Mend: free some\n", "disk_full"),
    "read only": (1, TRACE + "OSError: [Errno 30] Read-only file system: '/x'\n", "read_only"),
    "GPU memory": (1, TRACE + "torch.OutOfMemoryError: CUDA out of memory. Tried 2 GiB\n", "gpu_memory"),
    "the port": (1, TRACE + "RuntimeError: EADDRINUSE: address already in use\n", "port"),
    "another's connection": (1, TORCHRUN.format(1), "communication"),
    "another was killed": (1, TORCHRUN.format(-9), "killed"),
    "killed": (-9, "", "killed"),
    "as if all were well": (0, "", "unfinished"),
    "any other": (1, TRACE + "ValueError: a sentence of a conversation\n", "error"),
    "no word": (3, "", "error"),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_known_by_what_it_left(case):
    status, log, kind = CASES[case]
    failure = classify(status, log)
    assert failure.kind == kind and failure.mend == MENDS[kind]
    assert failure.again == (kind not in ("setting", "import"))
    assert "\n" not in failure.reason and "conversation" not in failure.reason


def test_an_error_is_told_by_its_place_and_not_by_its_words():
    assert classify(1, TRACE + "ValueError: a sentence\n").reason == "ValueError in read, loader.py line 7"


def test_a_hang_goes_before_the_signal_that_ended_it():
    assert classify(-9, "", hang=Hang(1, "train", 5, 70.0, 60.0)).kind == "hang"


def test_the_kernels_hand_is_known_by_its_counter():
    assert classify(-9, "", out_of_memory=True).kind == "host_memory"
    assert classify(1, TRACE + "ValueError: x\n", out_of_memory=True).kind == "error"


def test_on_a_full_disk_a_log_without_a_reason_is_no_wonder():
    assert classify(1, "", full=True).kind == "disk_full"
    assert classify(76, "", full=True).kind == "non_finite"


def test_what_a_rank_said_of_itself_is_believed():
    beat = Beat(1, 5, 9, "end", 0.0, 1, status=76)
    assert classify(1, "", [beat]).kind == "non_finite"


def test_a_line_that_looks_like_a_setting_is_none_after_a_step():
    failure = classify(1, "error: x. Mend: y\n", stepped=True)
    assert (failure.kind, failure.reason, failure.again) == ("error", "x. Mend: y", True)
    assert classify(1, "error: a compiler said so\n").kind == "error"


def test_statuses_are_read_from_launchers():
    assert rank_statuses("  exitcode  : -15 (pid: 1)\n  exitcode : 76 (pid: 2)\n died with <Signals.SIGKILL: 9>.") == [
        -15, 76, -9,
    ]  # fmt: skip


def test_the_kernels_counter_is_a_number_where_there_is_one():
    found = oom_kills()
    assert found is None or found >= 0
