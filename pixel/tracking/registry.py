"""A registry of runs without a server: what each run folder says of itself."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pixel.data.whole_files import write_in_one_step
from pixel.tracking.lineage import read_lineage
from pixel.tracking.panels import series_of
from pixel.tracking.settings import TrackingError

HISTORY = "history.json"


@dataclass
class Run:
    """
    One run folder.

    Attributes:
        folder: where it is.
        name: of the folder.
        lineage: of `lineage.json`, or empty.
        metrics: of `metrics.json`, or empty.
        history: `TrainerState.log_history`, as far as there is one.
        step, max_steps: how far it came.
    """

    folder: Path
    name: str
    lineage: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    step: int = 0
    max_steps: int = 0

    def figures(self) -> dict[str, dict[str, Any]]:
        """`CORPUS/FIELD/METRIC` -> `value`, `low`, `high`, `n`; the losses a run ended with; seconds."""
        found: dict[str, dict[str, Any]] = {}
        for objective, said in self.metrics.get("objectives", {}).items():
            for row in said.get("evaluation", []):
                if row.get("value") is not None:
                    key = f"{row.get('source', 'held out')}/{row.get('field', objective)}/{row['metric']}"
                    found[key] = {name: row.get(name) for name in ("value", "low", "high", "n")}
        for key in ("eval_relative_loss", "eval_loss"):
            last = next((entry[key] for entry in reversed(self.history) if key in entry), None)
            if last is not None:
                found[f"held out/{key.removeprefix('eval_')}"] = {"value": last, "low": None, "high": None, "n": None}
        if self.metrics.get("train_loss_last") is not None:
            found["training/loss"] = {"value": self.metrics["train_loss_last"], "low": None, "high": None, "n": None}
        return found

    def curves(self) -> dict[str, dict[str, list]]:
        """Section title -> name -> `[[step, value], ...]`."""
        return {title: curves for title, curves in series_of(self.history).items() if curves}


def read_run(folder: str | Path) -> Run:
    """
    Read a run folder.

    Raises:
        TrackingError: nothing there says that a run wrote it.
    """
    folder = Path(folder)
    lineage, metrics = read_lineage(folder) or {}, _json(folder / "metrics.json")
    state = _newest_state(folder)
    if not (lineage or metrics or state):
        raise TrackingError(
            f"{folder}: no lineage.json, metrics.json, {HISTORY} or checkpoint. Mend: name the output_dir of a run"
        )
    return Run(
        folder,
        folder.resolve().name,
        lineage,
        metrics,
        state.get("log_history") or [],
        int(state.get("global_step") or metrics.get("steps") or 0),
        int(state.get("max_steps") or 0),
    )


def find_runs(folder: str | Path, depth: int = 3) -> list[Run]:
    """The runs in a folder and below, the latest started last."""
    found, level = [], [Path(folder)]
    for _ in range(depth + 1):
        below = []
        for place in level:
            try:
                found.append(read_run(place))
            except TrackingError:
                below += sorted(path for path in place.iterdir() if path.is_dir() and not _hidden(path))
        level = below
    return sorted(found, key=lambda run: (run.lineage.get("started", ""), str(run.folder)))


def _hidden(path: Path) -> bool:
    return path.is_symlink() or path.name.startswith(".")


def write_history(folder: Path, state) -> Path:
    """Keep a trainer's log, numbers alone, where the registry finds it without a checkpoint."""
    kept = [
        {key: value for key, value in entry.items() if isinstance(value, (int, float))} for entry in state.log_history
    ]
    said = {"global_step": state.global_step, "max_steps": state.max_steps, "log_history": kept}
    return write_in_one_step(folder / HISTORY, json.dumps(said) + "\n")


def _newest_state(folder: Path) -> dict[str, Any]:
    """The longest log there is: the end of the run's, or the newest checkpoint's."""
    files = [folder / HISTORY, folder / "trainer_state.json", *folder.glob("checkpoint-*/trainer_state.json")]
    states = [_json(file) for file in files if file.is_file()]
    return max(states, key=lambda state: int(state.get("global_step") or 0), default={})


def _json(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def logged_names(runs: Iterable[Run]) -> list[str]:
    """`section/panel` of everything these runs logged."""
    from pixel.tracking.panels import grouped

    return sorted({name for run in runs for entry in run.history for name in grouped(entry)})
