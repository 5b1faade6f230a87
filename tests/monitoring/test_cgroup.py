"""Limits of containers, read from made folders of both versions of control groups."""

from pixel.monitoring.cgroup import Cgroup


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_version_2_takes_the_least_limit_of_the_groups_around(tmp_path):
    own = tmp_path / "own"
    own.write_text("0::/pod/box\n")
    write(tmp_path / "pod", memory__max="4000\n", cpu__max="150000 100000\n")
    write(tmp_path / "pod/box", memory__max="max\n", memory__current="3000\n", cpu__max="max 100000\n",
          memory__stat="anon 100\ninactive_file 500\n")  # fmt: skip
    group = Cgroup(tmp_path, own)
    assert (group.memory_limit(), group.memory_used(), group.cores()) == (4000, 2500, 1.5)


def test_version_1_says_a_huge_number_for_no_limit(tmp_path):
    own = tmp_path / "own"
    own.write_text("5:memory:/box\n4:cpu,cpuacct:/box\n")
    write(tmp_path / "memory", memory__limit_in_bytes=f"{2**63 - 4096}\n", memory__usage_in_bytes="900\n")
    write(tmp_path / "memory/box", memory__limit_in_bytes=f"{2**63 - 4096}\n", memory__usage_in_bytes="700\n",
          memory__stat="total_inactive_file 200\n")  # fmt: skip
    write(tmp_path / "cpu/box", cpu__cfs_quota_us="-1\n", cpu__cfs_period_us="100000\n")
    group = Cgroup(tmp_path, own)
    assert (group.memory_limit(), group.memory_used(), group.cores()) == (None, 500, None)
    (tmp_path / "memory/box/memory.limit_in_bytes").write_text("1000")
    (tmp_path / "cpu/box/cpu.cfs_quota_us").write_text("50000")
    assert (group.memory_limit(), group.cores()) == (1000, 0.5)


def test_a_machine_without_control_groups_has_no_limits(tmp_path):
    group = Cgroup(tmp_path / "none", tmp_path / "nothing")
    assert (group.memory_limit(), group.memory_used(), group.cores()) == (None, None, None)
