"""Trackio: a local database (`TRACKIO_DIR`), looked at with `trackio show --project pixel`."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pixel.tracking.trackers.run_info import LEVELS, RunInfo, Tracker


class TrackioRun(Tracker):
    """
    A run in trackio. Resources come from Pixel's own monitor, so trackio's are off.

    A resumed run goes on behind the last step the database holds: what a killed process had not written is given
    again.
    """

    def start(self, run: RunInfo) -> int | None:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        import trackio
        from trackio.sqlite_storage import SQLiteStorage

        self.run = trackio.init(
            project=run.settings.project,
            name=run.name,
            group=run.settings.group,
            config=json.loads(json.dumps({"tags": run.settings.tags, **run.config}, default=str)),
            resume="allow" if run.resumed else "never",
            embed=False,
            auto_log_gpu=False,
            auto_log_cpu=False,
        )
        if not run.resumed or getattr(self.run, "_is_local", True) is False:
            return None
        held = SQLiteStorage.get_max_step_for_run(run.settings.project, run.name)
        return -1 if held is None else held

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self.run.log(dict(values), step=step)

    def alert(self, alert) -> None:
        from trackio import AlertLevel

        level = AlertLevel[LEVELS[alert.severity]]
        self.run.alert(title=alert.kind, text=f"step {alert.step}: {alert.message}", level=level)

    def summary(self, values: Mapping[str, float]) -> None:
        self.run.log({f"final/{name}": value for name, value in values.items()})

    def artifact(self, name: str, kind: str, files: Sequence[Path], metadata: Mapping[str, Any]) -> None:
        if not files:
            return
        import trackio

        artifact = trackio.Artifact(name=name, type=kind, metadata=dict(metadata))
        for file in files:
            (artifact.add_dir if file.is_dir() else artifact.add_file)(str(file))
        self.run.log_artifact(artifact)

    def finish(self) -> None:
        self.run.finish()


TRACKER = TrackioRun
