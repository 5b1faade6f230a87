"""How far a run or a pipeline is, as a table."""

import json
import time
from pathlib import Path
from typing import Any

from pixel.checkpoints.progress import progress
from pixel.orchestration.heartbeat import read_beats
from pixel.orchestration.pipeline import read_state
from pixel.orchestration.pipeline_file import PipelineError, read_pipeline
from pixel.orchestration.record import FILE


def show(place: str) -> int:
    """
    Print it.

    Args:
        place: output folder of a run or a pipeline, or a pipeline's YAML.

    Raises:
        PipelineError: none of these.
    """
    path = Path(place)
    if path.is_file():
        plan = read_pipeline(path)
        print(pipeline_table(read_state(plan.folder), [stage.name for stage in plan.stages]))
    elif (path / "pipeline.json").exists():
        print(pipeline_table(read_state(path)))
    elif (path / FILE).exists() or progress(path).step or read_beats(path):
        print(run_table(path))
    else:
        raise PipelineError(f"{place}: no run and no pipeline. Mend: name an output folder, or a pipeline's YAML")
    return 0


def pipeline_table(state: dict[str, dict[str, Any]], names: list[str] | None = None) -> str:
    """A line for every stage."""
    rows = [("stage", "state", "tries", "seconds", "")]
    for name in names or list(state):
        stage = state.get(name, {})
        seconds = f"{stage['seconds']:g}" if "seconds" in stage else ""
        rows.append(
            (name, stage.get("state", "not yet"), str(stage.get("tries", "")), seconds, stage.get("reason", ""))
        )
    return _table(rows)


def run_table(folder: Path) -> str:
    """Its attempts, and where each rank is."""
    done = progress(folder)
    try:
        record = json.loads((folder / FILE).read_bytes())
    except (OSError, ValueError):
        record = {"state": "without a supervisor", "attempts": []}
    of = f" of {done.max_steps}" if done.max_steps else ""
    lines = [f"{folder}: {record['state']}, step {done.step}{of} is safe{', finished' if done.finished else ''}", ""]
    rows = [("attempt", "from", "to", "seconds", "status", "ended", "")]
    for one in record["attempts"]:
        values = (one["number"], one["from_step"], one["to_step"], one["seconds"], one["status"])
        said = ("" if value is None else str(value) for value in values)
        rows.append((*said, one["kind"] or "running", one["reason"]))
    lines += [_table(rows), ""] if len(rows) > 1 else []
    rows = [("rank", "step", "phase", "seconds ago", "pid", "host")]
    now = time.time()
    for beat in read_beats(folder):
        phase = beat.phase if beat.status is None else f"ended with {beat.status}"
        rows.append((str(beat.rank), str(beat.step), phase, f"{now - beat.time:.0f}", str(beat.pid), beat.host))
    return "\n".join(lines + ([_table(rows)] if len(rows) > 1 else []))


def _table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
