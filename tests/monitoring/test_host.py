"""The machine's own figures, against what this process does to them."""

import os
import time

import pytest

from pixel.monitoring.cgroup import Cgroup
from pixel.monitoring.host import Host


def test_memory_that_is_taken_shows(tmp_path):
    host = Host(tmp_path)
    before = host.read()["memory_bytes"]
    block = bytearray(os.urandom(1)) * (64 << 20)
    after = host.read()["memory_bytes"]
    assert after - before == pytest.approx(64 << 20, rel=0.2)
    del block


def test_a_busy_process_shows_and_rates_come_with_the_second_look(tmp_path):
    host = Host(tmp_path)
    first = host.read()
    until = time.process_time() + 0.2
    started = time.perf_counter()
    while time.process_time() < until:
        pass
    expected = 100 * 0.2 / (time.perf_counter() - started)  # what the machine let us have
    second = host.read()
    assert "network_rate" not in first and second["network_rate"] >= 0
    assert second["process_cpu_percent"] == pytest.approx(expected, rel=0.5)


def test_a_containers_limit_is_the_machine_of_this_process(tmp_path):
    (tmp_path / "own").write_text("0::/\n")
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("750000\n")
    said = Host(tmp_path, Cgroup(tmp_path, tmp_path / "own")).read()
    assert (said["memory_used_share"], said["memory_limit_bytes"]) == (0.75, 1e6)


def test_a_folder_that_is_not_there_yet_is_looked_up_above(tmp_path):
    assert Host(tmp_path / "to" / "come").read()["disk_free_bytes"] > 0
