"""A round of faults: every one in a run of its own, beside the run that nothing happened to. Can be broken off."""

import json
import re
import shutil
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from tqdm.auto import tqdm

from pixel.benchmarks.faults.fault import Fault
from pixel.benchmarks.faults.judging import End, end_of, judge
from pixel.benchmarks.faults.plan import INTERVAL, STEPS, faults
from pixel.benchmarks.faults.running import may_mount, run, take_down
from pixel.benchmarks.faults.training_data import write_config, write_data
from pixel.metrics.table import markdown

ROWS = "faults.jsonl"
MOUNTS = ("read-only",)
"""Kinds that need the right to mount; without it they are left out, and the table says so."""


def fault_round(
    folder: Path, seed: int = 0, only: str = "", jobs: int = 1, limit: float = 600.0, keep: bool = False
) -> list[dict]:
    """
    Let every fault of a round happen, and judge what comes of it.

    Args:
        folder: of all runs; rows are appended to `faults.jsonl` in it, and what is there is not run again.
        seed: of the moments.
        only: kinds whose name holds these words.
        jobs: runs side by side.
        limit: seconds for one run.
        keep: the output folders of runs that went well too.

    Returns:
        a row a fault (see `pixel.benchmarks.faults.judging.judge`), those of earlier calls as well.
    """
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    config = write_config(folder / "config.yaml", write_data(folder / "data.jsonl"), STEPS, INTERVAL)
    wanted = [fault for fault in faults(seed, only) if may_mount() or not fault.kind.startswith(MOUNTS)]
    done = {row["name"]: row for row in _rows(folder / ROWS) if row["seed"] == seed}
    waiting, lock = [fault for fault in wanted if fault.name not in done], Lock()
    whole = {beside: unbroken(beside, folder, config, limit) for beside in dict.fromkeys(f.beside for f in waiting)}

    def one(fault: Fault) -> None:
        place = folder / f"seed{seed}" / re.sub(r"\W+", "_", fault.name)
        if place.exists():
            shutil.rmtree(place)
        made = run(fault, place, config, limit)
        try:
            row = judge(fault, made, whole[fault.beside], STEPS, INTERVAL) | {"seed": seed}
        finally:
            take_down(made)
        with lock, (folder / ROWS).open("a") as file:
            file.write(json.dumps(row) + "\n")
            done[fault.name] = row
        if row["ok"] and not keep:
            shutil.rmtree(made.output, ignore_errors=True)

    with ThreadPoolExecutor(jobs) as pool:
        list(tqdm(pool.map(one, waiting), total=len(waiting), desc="Faults"))
    return [done[fault.name] for fault in wanted]


def unbroken(name: str, folder: Path, config: Path, limit: float) -> End:
    """
    The end of a run that nothing happens to, under the same supervisor: `one` or `two` (processes), or
    `one, step N left out`, in which a gradient that is not finite is left out at once.

    Raises:
        RuntimeError: it did not finish.
    """
    place = folder / "unbroken" / re.sub(r"\W+", "_", name)
    found = end_of(place, STEPS)
    if found is not None:
        return found
    shutil.rmtree(place, ignore_errors=True)
    left_out = re.search(r"step (\d+) left out", name)
    given, options = {}, {}
    if left_out:
        given = {"lost": {"step": int(left_out[1]), "value": "nan", "once": False}}
        options = {"non_finite": "skip"}
    nothing = Fault(name, "none", given=given, options=options, ranks=2 if name == "two" else 1)
    made = run(nothing, place, config, limit)
    found = end_of(place, STEPS)
    if found is None:
        raise RuntimeError(f"the run without a fault ended with {made.statuses}; see {place / 'log.txt'}")
    return found


def _rows(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def faults_markdown(rows: list[dict]) -> str:
    """
    A line a kind, then whatever did not go well, in full.

    "Within one interval": no more steps were taken again than lie between two checkpoints, for each interruption; a
    checkpoint that the fault broke counts as one more.
    """
    kinds = defaultdict(list)
    for row in rows:
        kinds[row["kind"]].append(row)
    lines = []
    for kind, found in kinds.items():
        same = sum(all(row[f"same_{what}"] for what in ("loss", "weights", "log", "state")) for row in found)
        lines.append([
            kind, len(found), sum(row["finished"] for row in found), same, max(row["redone"] for row in found),
            sum(row["one_interval"] for row in found), sum(len(row["broken_left"]) for row in found),
            sum(len(row["orphans"]) for row in found), f"{sum(row['seconds'] for row in found) / len(found):.0f}",
            f"{sum(row['ok'] for row in found)} of {len(found)}",
        ])  # fmt: skip
    head = ["fault", "n", "finished", "same to the bit", "most steps redone", "within one interval", "broken left",
            "orphans", "seconds", "all well"]  # fmt: skip
    bad = [row for row in rows if not row["ok"]]
    said = "\n".join(f"- {row['name']} ({row['moment']}): {_why(row)}" for row in bad)
    return f"{markdown(head, lines)}\n\n{len(rows)} faults, {len(rows) - len(bad)} all well.\n{said}".rstrip()


def _why(row: dict) -> str:
    """Which of the demands it did not meet."""
    wants = ("struck", "finished", "said", "same_loss", "same_weights", "same_log", "same_state", "one_interval")
    return ", ".join([f"not {name}" for name in wants if not row[name]] + row["broken_left"] + row["orphans"])
