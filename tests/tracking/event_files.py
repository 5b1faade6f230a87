"""Reads what trackers wrote, by other means than theirs where these need a server."""

import struct
import time
from pathlib import Path

BLOCK = 32768


def wandb_records(folder: Path) -> list:
    """
    Protocol records of the `.wandb` files in a folder, in order.

    The format is LevelDB's log: blocks of 32 KiB, each chunk with checksum, length and kind (1 whole, 2 first,
    3 middle, 4 last); the file starts with seven bytes of W&B's own.
    """
    from wandb.proto import wandb_internal_pb2

    records = []
    for file in sorted(folder.glob("offline-run-*/*.wandb")):
        data, place, parts = file.read_bytes(), 7, b""
        assert data[:4] in (b":W&B", b"")
        while place + 7 <= len(data):
            if BLOCK - place % BLOCK < 7:
                place += BLOCK - place % BLOCK
                continue
            _, length, kind = struct.unpack("<IHB", data[place : place + 7])
            chunk = data[place + 7 : place + 7 + length]
            place += 7 + length
            if kind == 0 or len(chunk) < length:
                break
            parts = chunk if kind in (1, 2) else parts + chunk
            if kind in (1, 4):
                record = wandb_internal_pb2.Record()
                record.ParseFromString(parts)
                records.append(record)
    return records


def wandb_is_through(folder: Path, runs: int = 1, seconds: float = 60.0) -> bool:
    """Wait for W&B's own process, which writes what an offline run was given after its `finish` has returned."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if sum(record.WhichOneof("record_type") == "exit" for record in wandb_records(folder)) >= runs:
            return True
        time.sleep(0.1)
    return False


def wandb_points(folder: Path) -> list[tuple[int, str]]:
    """`(step, name)` of every number in a folder's offline runs."""
    import json

    points = []
    for record in wandb_records(folder):
        if record.WhichOneof("record_type") == "history":
            row = {"/".join(item.nested_key) or item.key: json.loads(item.value_json) for item in record.history.item}
            points += [(int(row["step"]), name) for name in row if name != "step" and not name.startswith("_")]
    return points


def tensorboard_points(folder: Path) -> list[tuple[int, str]]:
    """`(step, name)` of every scalar of a folder's event files, what was purged left out."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    points = []
    for run in sorted(folder.iterdir()):
        events = EventAccumulator(str(run), size_guidance={"scalars": 0}).Reload()
        points += [(event.step, name) for name in events.Tags()["scalars"] for event in events.Scalars(name)]
    return points


def trackio_points(project: str) -> list[tuple[int, str]]:
    """`(step, name)` of every number of a local project."""
    from trackio.sqlite_storage import SQLiteStorage

    return [
        (row["step"], name)
        for run in SQLiteStorage.get_runs(project)
        for row in SQLiteStorage.get_logs(project, run)
        for name in row
        if name not in ("timestamp", "step")
    ]
