"""TensorBoard: event files in OUTPUT/tensorboard/RUN, looked at with `tensorboard --logdir OUTPUT/tensorboard`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pixel.tracking.trackers.run_info import RunInfo, Tracker


class TensorBoardRun(Tracker):
    """A run in TensorBoard. A resumed run takes back the steps after its checkpoint, and writes them again."""

    def start(self, run: RunInfo) -> int | None:
        from torch.utils.tensorboard import SummaryWriter

        self.last = run.step
        folder = run.folder / "tensorboard" / run.name
        self.writer = SummaryWriter(str(folder), purge_step=run.step + 1 if run.resumed else None, flush_secs=10)
        if not run.resumed:
            self.writer.add_text("config", f"```\n{json.dumps(dict(run.config), indent=1, default=str)}\n```")
        return run.step if run.resumed else None

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self.last = max(self.last, step)
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)
        self.writer.flush()

    def alert(self, alert) -> None:
        self.writer.add_text(f"alerts/{alert.kind}", f"{alert.severity}: {alert.message}", alert.step)

    def summary(self, values: Mapping[str, float]) -> None:
        self.log(self.last, {f"final/{name}": value for name, value in values.items()})

    def artifact(self, name: str, kind: str, files: Sequence[Path], metadata: Mapping[str, Any]) -> None:
        self.writer.add_text(f"{kind}/{name}", f"```\n{json.dumps(dict(metadata), indent=1, default=str)}\n```")

    def finish(self) -> None:
        self.writer.close()


TRACKER = TensorBoardRun
