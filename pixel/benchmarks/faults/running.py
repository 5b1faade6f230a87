"""One run under the supervisor, as whoever operates it would start it: again, when the supervisor itself is gone."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pixel.benchmarks.faults.actions import ORDER, family, make_read_only
from pixel.benchmarks.faults.fault import Fault
from pixel.benchmarks.faults.servers import FailingServer

ROOT = Path(__file__).parents[3]
TRAINEE = "pixel/benchmarks/faults/trainee.py"
LAUNCHES = 5
"""How often a supervisor is started for one fault, at most."""


@dataclass
class Run:
    """
    What came of it.

    Attributes:
        folder: of the fault: what was ordered, what was struck, the log; `output` in it is the run's own.
        statuses: exit status of each supervisor that was started.
        seconds: in all.
        orphans: processes left after the last, by command line.
        said: all that was printed.
    """

    folder: Path
    statuses: list[int] = field(default_factory=list)
    seconds: float = 0.0
    orphans: list[str] = field(default_factory=list)
    said: str = ""

    @property
    def output(self) -> Path:
        """The run's output folder."""
        return self.folder / "output"


def may_mount() -> bool:
    """Whether this user may mount a file system."""
    probe = subprocess.run(["unshare", "-m", "true"], capture_output=True) if os.geteuid() == 0 else None
    return probe is not None and probe.returncode == 0


def run(fault: Fault, folder: Path, config: Path, limit: float = 600.0, megabytes: int = 24) -> Run:
    """
    Let a fault happen.

    Args:
        fault: which.
        folder: new; holds all that comes of it.
        config: YAML of `recipes/train.py`.
        limit: seconds, after which everything is killed.
        megabytes: of the small file system, where the fault wants one.
    """
    made = Run(folder)
    made.output.mkdir(parents=True)
    order_file = folder / "order.json"
    order_file.write_text(json.dumps(fault.order(str(folder), str(made.output))))
    server = FailingServer(fault.server) if fault.server else None
    if fault.own_disk and may_mount():
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", made.output], check=True)
    if fault.action == "make_read_only" and fault.moment is None:
        make_read_only({"output": str(made.output)})
        (folder / "fired").touch()
    started = time.monotonic()
    try:
        places = {"folder": str(folder), "port": str(server.port if server else 0)}
        _until_finished(fault, made, config, order_file, places, started + limit)
        made.orphans = _left(order_file)
    finally:
        made.seconds = time.monotonic() - started
        if server:
            server.leave()
        release(fault, made)
    return made


def _until_finished(fault: Fault, made: Run, config: Path, order_file: Path, places: Mapping, deadline: float) -> None:
    command = [
        sys.executable, "recipes/launch.py", "train", "--script", TRAINEE, "--restarts", "6", "--grace", "60",
        "--backoff", "0.2", "--longest_backoff", "3", "--hang_start", "300", "--hang_factor", "5",
        "--hang_step", str(fault.hang),
    ]  # fmt: skip
    if fault.ranks > 1:
        command += ["--accelerate_config", "accelerate_configs/ddp.yaml", "--num_processes", str(fault.ranks)]
    command += ["--", "--config", str(config), "--output_dir", str(made.output), "--use_cpu", "true"]
    for name, value in _filled(fault.options, places).items():
        words = value if isinstance(value, list) else [value if isinstance(value, str) else json.dumps(value)]
        command += [f"--{name}", *words]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ACCELERATE_")}
    environment |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    environment |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    environment |= {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "0" if "hub" in fault.server else "1"}
    environment |= _filled(fault.environment, places) | {ORDER: str(order_file)}
    for _ in range(LAUNCHES):
        with (made.folder / "log.txt").open("a") as log:
            supervisor = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
            (made.folder / "supervisor.pid").write_text(str(supervisor.pid))
            made.statuses.append(_wait(fault, made, supervisor, deadline))
        made.said = (made.folder / "log.txt").read_text(errors="replace")
        release(fault, made)
        if made.statuses[-1] == 0 or time.monotonic() > deadline:
            return


def _wait(fault: Fault, made: Run, supervisor: subprocess.Popen, deadline: float) -> int:
    """Until the supervisor has ended; meanwhile the fault passes, if it is one that does."""
    while (status := supervisor.poll()) is None:
        fired = made.folder / "fired"
        if fault.moment and fault.release and fired.exists() and time.time() > fired.stat().st_mtime + fault.release:
            release(fault, made)
        if time.monotonic() > deadline:
            for pid in [supervisor.pid, *family(str(made.folder / "order.json"))]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        time.sleep(0.05)
    return status


def release(fault: Fault, made: Run) -> None:
    """What was filled is free again, what was read-only can be written; once it has struck."""
    if fault.action == "fill_disk" and (made.folder / "fired").exists():
        (made.output / "ballast").unlink(missing_ok=True)
    if fault.action == "make_read_only" and (made.folder / "fired").exists():
        take_down(made)


def mounts(folder: Path) -> int:
    """How many file systems, or views of one, are mounted exactly there."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return sum(line.split()[4] == os.path.realpath(folder) for line in lines)


def take_down(made: Run) -> None:
    """Unmount what is mounted over the output folder; its files are gone with it where it was a small disk."""
    for _ in range(mounts(made.output)):
        subprocess.run(["umount", "-l", made.output], check=True)


def _filled(words: Mapping, places: Mapping[str, str]) -> dict:
    """`{port}` and `{folder}` in every string."""
    text = json.dumps(dict(words))
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", value)
    return json.loads(text)


def _left(order_file: Path, patience: float = 5.0) -> list[str]:
    """Who is still there a moment later."""
    until = time.monotonic() + patience
    while (pids := family(str(order_file))) and time.monotonic() < until:
        time.sleep(0.1)
    found = []
    for pid in pids:
        try:
            found.append(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:200])
            os.kill(pid, signal.SIGKILL)
        except OSError:
            continue
    return found
