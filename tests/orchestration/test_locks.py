"""One worker a folder, dead holders are followed, and only locks that nobody holds are removed."""

import json
import os
import socket
import subprocess
import sys

import pytest

from pixel.orchestration.locks import FolderLock, InUseError, remove_stale_locks
from pixel.orchestration.preflight import gpu_count, is_full, log_file, preflight


def test_a_held_folder_is_refused_and_a_left_one_is_free(tmp_path):
    with FolderLock(tmp_path / "lock"):
        assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()
        with (
            pytest.raises(InUseError, match=f"{os.getpid()} on {socket.gethostname()}"),
            FolderLock(tmp_path / "lock"),
        ):
            pass
    with FolderLock(tmp_path / "lock"):
        pass


def test_a_lock_of_a_dead_process_is_taken_over(tmp_path):
    code = "import os, sys\nfrom pathlib import Path\nfrom pixel.orchestration.locks import FolderLock\n"
    code += "FolderLock(Path(sys.argv[1])).__enter__()\nos.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path / "lock")]).returncode == -9
    assert json.loads((tmp_path / "lock").read_text())["pid"] > 0
    with FolderLock(tmp_path / "lock"):
        pass


def test_only_extension_locks_that_nobody_has_open_are_removed(tmp_path):
    for name in ("stale", "held"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lock").touch()
    (tmp_path / "stale" / "built.so").touch()
    with (tmp_path / "held" / "lock").open():
        assert remove_stale_locks(tmp_path) == [tmp_path / "stale" / "lock"]
    assert (tmp_path / "held" / "lock").exists() and (tmp_path / "stale" / "built.so").exists()


def test_before_an_attempt_stale_locks_go_and_a_full_disk_is_said(tmp_path):
    (tmp_path / "extensions" / "shm").mkdir(parents=True)
    (tmp_path / "extensions" / "shm" / "lock").touch()
    said = preflight(tmp_path, {"TORCH_EXTENSIONS_DIR": str(tmp_path / "extensions")}, least_free=1 << 60)
    assert "GiB free" in said[0] and "Mend:" in said[0] and said[1].startswith("1 stale locks removed")
    assert preflight(tmp_path, {"TORCH_EXTENSIONS_DIR": str(tmp_path / "extensions")}, least_free=0) == []


def test_gpus_are_counted_by_the_driver_and_what_is_made_visible(tmp_path):
    assert gpu_count({}, tmp_path / "no driver") is None
    for name in ("0000:01:00.0", "0000:02:00.0"):
        (tmp_path / name).mkdir()
    assert gpu_count({"CUDA_VISIBLE_DEVICES": "1"}, tmp_path) == 1
    assert gpu_count({"CUDA_VISIBLE_DEVICES": ""}, tmp_path) == 0
    assert gpu_count({"CUDA_VISIBLE_DEVICES": "0,1,2"}, tmp_path) == 2


def test_a_log_has_a_place_also_where_the_folder_takes_none(tmp_path):
    assert log_file(tmp_path / "attempts", "1.log") == tmp_path / "attempts" / "1.log"
    (tmp_path / "file").touch()
    elsewhere = log_file(tmp_path / "file", "1.log")
    assert elsewhere.name == "1.log" and elsewhere.parent.is_dir() and tmp_path not in elsewhere.parents
    elsewhere.parent.rmdir()


def test_a_disk_is_full_below_a_limit(tmp_path):
    assert not is_full(tmp_path, least=1) and is_full(tmp_path, least=1 << 60)
