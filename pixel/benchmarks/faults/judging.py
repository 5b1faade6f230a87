"""What a run came to after a fault, beside one that nothing happened to."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from pixel.benchmarks.faults.fault import Fault
from pixel.benchmarks.faults.running import Run
from pixel.checkpoints import FINISHED, verify
from pixel.checkpoints.newest import checkpoints

VARIES = re.compile(r"runtime|per_second|total_flos|steps_left_out|^(throughput|time|resources|hardware|system)/")
"""Keys of the log that measure the machine."""


@dataclass(frozen=True)
class End:
    """
    Attributes:
        loss: the last that was logged in training.
        weights: hash of the model's tensors file.
        log: hash of everything logged that does not measure the machine.
        state: hash of the objectives' state: balance, loss weights, tokens seen.
    """

    loss: float
    weights: str
    log: str
    state: str


def end_of(folder: Path, steps: int) -> End | None:
    """
    How a run ended; `None` where it has not.

    Args:
        folder: with `output`, and `end.json`, which the trainee writes after the last step.
        steps: of the run.
    """
    try:
        end = json.loads((folder / "end.json").read_text())
        logged = [entry for entry in end["log"] if "train_loss" not in entry]
        logged = [{name: value for name, value in entry.items() if not VARIES.search(name)} for entry in logged]
        loss = [entry["loss"] for entry in logged if "loss" in entry][-1]
        weights = _sha((folder / "output" / "model.safetensors").read_bytes())
        finished = json.loads((folder / "output" / FINISHED).read_text())["global_step"] == steps
    except (OSError, ValueError, LookupError):
        return None
    if not finished:
        return None
    return End(loss, weights, _sha(_text(logged)), _sha(_text(end["state"])))


def _text(content) -> bytes:
    return json.dumps(content, sort_keys=True).encode()


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def redone(folder: Path) -> int:
    """Steps that were taken more than once, from the trainee's own notes."""
    try:
        taken = [int(line.split()[1]) for line in (folder / "steps.txt").read_text().splitlines()]
    except (OSError, ValueError, IndexError):
        return 0
    return len(taken) - len(set(taken))


def judge(fault: Fault, made: Run, beside: End, steps: int, interval: int) -> dict:
    """
    A row of the table.

    Args:
        fault: what happened.
        made: what came of it.
        beside: the end of the unbroken run.
        steps: of a run.
        interval: steps between checkpoints.

    Returns:
        `ok`, and what it rests on: `struck` (the fault did happen), `finished`, `same_weights`, `same_log`,
        `same_state`, `same_loss`, `redone` and how many were `allowed`, `broken_left` (checkpoints that do not
        verify), `orphans`, `said` (the message asked for), `attempts`, `launches`, `seconds`.
    """
    end = end_of(made.folder, steps)
    spoiled = [path.name for path in (made.folder / "fired", made.folder / "lost") if path.exists()]
    struck = bool(spoiled) or (fault.moment is None and not ({"lost", "worker"} & set(fault.given)))
    struck = struck or bool(fault.given.get("lost", {}).get("once") is False)
    starts = len({line.split()[0] for line in _lines(made.folder / "steps.txt")})
    record = _json(made.output / "supervisor.json")
    row = {
        "name": fault.name,
        "kind": fault.kind,
        "moment": str(fault.moment or fault.given.get("lost") or fault.given.get("worker") or "from the start"),
        "detail": "; ".join(_lines(made.folder / "damage.txt")),
        "struck": struck,
        "finished": end is not None and made.statuses[-1:] == [0],
        "loss": end.loss if end else None,
        "redone": redone(made.folder),
        "allowed": interval * (max(1, starts - 1) + fault.broken),
        "broken_left": [path.name for path in checkpoints(made.output) if not verify(path).valid],
        "orphans": made.orphans,
        "said": not fault.message or bool(re.search(fault.message, made.said)),
        "attempts": len(record.get("attempts", [])) or None,
        "launches": len(made.statuses),
        "statuses": made.statuses,
        "seconds": round(made.seconds, 1),
    }
    for name, value in asdict(beside).items():
        row[f"same_{name}"] = end is not None and asdict(end)[name] == value
    one_interval = row["redone"] <= row["allowed"]
    same = row["same_weights"] and row["same_log"] and row["same_state"] and row["same_loss"]
    whole = row["finished"] and row["struck"] and row["said"] and not row["broken_left"] and not row["orphans"]
    return row | {"one_interval": one_interval, "ok": bool(same and one_interval and whole)}


def _lines(file: Path) -> list[str]:
    try:
        return [line for line in file.read_text().splitlines() if line.strip()]
    except OSError:
        return []


def _json(file: Path) -> dict:
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
