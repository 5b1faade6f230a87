"""Weights & Biases, online or offline (`WANDB_MODE=offline`; the run is then in OUTPUT/wandb, for `wandb sync`)."""

import json
import netrc
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pixel.tracking.trackers.run_info import LEVELS, RunInfo, Tracker

STEP = "step"


def mode() -> str | None:
    """
    `WANDB_MODE` where it is set; `offline` where there is no key, since W&B would ask for one and wait; `None` else.
    """
    if given := os.environ.get("WANDB_MODE"):
        return given
    if os.environ.get("WANDB_API_KEY"):
        return None
    try:
        known = netrc.netrc(os.environ.get("NETRC")).hosts
    except (OSError, netrc.NetrcParseError):
        known = {}
    host = os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai").split("//")[-1].split("/")[0].split(":")[0]
    return None if host in known else "offline"


class WandbRun(Tracker):
    """
    A run in W&B. What the process prints is not captured, and no code is saved.

    All curves are drawn over `step`, so that entries may come late or in any order.
    """

    def start(self, run: RunInfo) -> int | None:
        import wandb

        self.wandb, chosen = wandb, mode()
        if chosen == "offline" and "WANDB_MODE" not in os.environ:
            print(f"tracking: no W&B key, so the run stays in {run.folder}/wandb. Mend: wandb login", file=sys.stderr)
        run.folder.mkdir(parents=True, exist_ok=True)
        self.run = wandb.init(
            project=run.settings.project,
            name=run.name,
            id=run.id,
            resume="allow",
            group=run.settings.group,
            tags=list(run.settings.tags) or None,
            dir=str(run.folder),
            config=json.loads(json.dumps(dict(run.config), default=str)),
            mode=chosen,
            settings=wandb.Settings(
                console="off", save_code=False, disable_git=True, disable_job_creation=True, silent=True,
                init_timeout=60, x_disable_stats=True,
            ),
        )  # fmt: skip
        self.run.define_metric(STEP)
        self.run.define_metric("*", step_metric=STEP)
        return None

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self.run.log({**values, STEP: step})

    def alert(self, alert) -> None:
        """W&B sends at most one a kind and minute."""
        self.run.alert(alert.kind[:63], f"step {alert.step}: {alert.message}", LEVELS[alert.severity])

    def summary(self, values: Mapping[str, float]) -> None:
        self.run.summary.update({f"final/{name}": value for name, value in values.items()})

    def artifact(self, name: str, kind: str, files: Sequence[Path], metadata: Mapping[str, Any]) -> None:
        """Without `wait()`, which does not work offline."""
        artifact = self.wandb.Artifact(name, type=kind, metadata=json.loads(json.dumps(dict(metadata), default=str)))
        for file in files:
            (artifact.add_dir if file.is_dir() else artifact.add_file)(str(file))
        self.run.log_artifact(artifact)

    def finish(self) -> None:
        self.run.finish()


TRACKER = WandbRun
