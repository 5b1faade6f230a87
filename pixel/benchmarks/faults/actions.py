"""What the trainee does to itself, its disk or its family when the moment has come. Standard library alone."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ORDER = "PIXEL_BENCHMARK_FAULT"
"""Environment variable of the trainee: the file that says what is to happen. Nothing but this package reads it."""

Action = Callable[[dict[str, Any]], None]


def supervisor_of(order: dict[str, Any]) -> int:
    """Process id of the supervisor, which the runner has noted."""
    return int((Path(order["folder"]) / "supervisor.pid").read_text())


def family(order_file: str, names: tuple[str, ...] = ()) -> list[int]:
    """Processes that inherited this order, but this one; with `names`, those whose command line holds one of them."""
    wanted, found = f"{ORDER}={order_file}".encode(), []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if wanted not in (entry / "environ").read_bytes().split(b"\0"):
                continue
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state not in "ZX" and (not names or any(name in line for name in names)):
            found.append(int(entry.name))
    return found


# ── signals ──


def kill_rank(order: dict[str, Any]) -> None:
    """SIGKILL to this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def kill_all(order: dict[str, Any]) -> None:
    """SIGKILL to every process that trains, this one last."""
    for pid in family(os.environ[ORDER], ("trainee.py",)):
        if pid != supervisor_of(order):
            os.kill(pid, signal.SIGKILL)
    kill_rank(order)


def term_rank(order: dict[str, Any]) -> None:
    """SIGTERM to this process."""
    os.kill(os.getpid(), signal.SIGTERM)


def kill_supervisor(order: dict[str, Any]) -> None:
    """SIGKILL to the supervisor."""
    os.kill(supervisor_of(order), signal.SIGKILL)


def term_supervisor(order: dict[str, Any]) -> None:
    """SIGTERM to the supervisor."""
    os.kill(supervisor_of(order), signal.SIGTERM)


# ── checkpoints, broken while nobody looks ──


def newest(output: str | Path) -> Path | None:
    """The newest folder that is called a checkpoint."""
    found = [path for path in Path(output).glob("checkpoint-*") if path.is_dir()]
    return max(found, key=lambda path: int(path.name.rsplit("-", 1)[1]), default=None)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size > 0)


def truncate(checkpoint: Path, draw: random.Random) -> str:
    """Cut one file anywhere."""
    file = draw.choice(_files(checkpoint))
    size = draw.randrange(file.stat().st_size)
    os.truncate(file, size)
    return f"{file.name} cut to {size} bytes"


def flip(checkpoint: Path, draw: random.Random) -> str:
    """Turn one bit of one file."""
    file = draw.choice(_files(checkpoint))
    place, bit = draw.randrange(file.stat().st_size), draw.randrange(8)
    with file.open("r+b") as stream:
        stream.seek(place)
        byte = stream.read(1)[0]
        stream.seek(place)
        stream.write(bytes([byte ^ (1 << bit)]))
    return f"{file.name}: bit {bit} of byte {place}"


def lose(checkpoint: Path, draw: random.Random) -> str:
    """Remove one file."""
    file = draw.choice(_files(checkpoint))
    file.unlink()
    return f"{file.name} removed"


def empty(checkpoint: Path, draw: random.Random) -> str:
    """Leave the folder and nothing in it, or all files and nothing in them."""
    cut = draw.random() < 0.5
    for file in _files(checkpoint):
        os.truncate(file, 0) if cut else file.unlink()
    return "every file cut to nothing" if cut else "every file removed"


def half_write(checkpoint: Path, draw: random.Random) -> str:
    """A newer folder with some of the files, the last of them cut: what a copy leaves that was broken off."""
    step = int(checkpoint.name.rsplit("-", 1)[1]) + 1
    newer = checkpoint.with_name(f"checkpoint-{step}")
    newer.mkdir()
    files = [file for file in _files(checkpoint) if file.parent == checkpoint]
    kept = draw.sample(files, draw.randint(1, len(files)))
    for file in kept:
        shutil.copyfile(file, newer / file.name)
    os.truncate(newer / kept[-1].name, kept[-1].stat().st_size // 2)
    return f"checkpoint-{step} with {len(kept)} of {len(files)} files"


DAMAGES = {"truncated": truncate, "flipped": flip, "missing": lose, "emptied": empty, "half_written": half_write}


def damage(order: dict[str, Any]) -> None:
    """Break the newest checkpoint, then die, so that the next attempt meets it."""
    checkpoint = newest(order["output"])
    said = "no checkpoint yet"
    if checkpoint is not None:
        given = order["given"]
        said = f"{checkpoint.name}: {DAMAGES[given['how']](checkpoint, random.Random(given['seed']))}"
    (Path(order["folder"]) / "damage.txt").write_text(said)
    kill_rank(order)


# ── the disk ──


def fill_disk(order: dict[str, Any]) -> None:
    """
    Write until nothing more goes on to the output folder's own small file system.

    Where it has none (mounting is not allowed), files of this process are limited to 4 KiB each instead.
    """
    if not os.path.ismount(order["output"]):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        return
    with (Path(order["output"]) / "ballast").open("wb", buffering=0) as ballast:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    ballast.write(b"\0" * size)
            except OSError:
                continue


def make_read_only(order: dict[str, Any]) -> None:
    """Put a read-only view of the output folder over it. Files that are open already can be written on."""
    output = order["output"]
    subprocess.run(["mount", "--bind", output, output], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", output], check=True)


# ── trackers ──


def break_trackio(order: dict[str, Any]) -> None:
    """Where trackio keeps its runs, there is suddenly a file that is no folder."""
    folder = Path(os.environ["TRACKIO_DIR"])
    if folder.is_dir():
        os.rename(folder, folder.with_name("gone"))
    folder.write_text("")


def kill_wandb(order: dict[str, Any]) -> None:
    """SIGKILL to the service process that W&B's client talks to."""
    for pid in family(os.environ[ORDER], ("wandb-core", "gpu_stats")):
        os.kill(pid, signal.SIGKILL)


def sleep(order: dict[str, Any]) -> None:
    """Hang: for ever, as far as a run is concerned."""
    time.sleep(3600)


def none(order: dict[str, Any]) -> None:
    """Nothing."""


ACTIONS: dict[str, Action] = {
    action.__name__: action
    for action in (
        kill_rank, kill_all, term_rank, kill_supervisor, term_supervisor, damage, fill_disk, make_read_only,
        break_trackio, kill_wandb, sleep, none,
    )
}  # fmt: skip
