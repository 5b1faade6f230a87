"""A live picture of the run: one page and its numbers in the output folder, written while it trains."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from pixel.data.whole_files import write_in_one_step
from pixel.monitoring.alerts import Alerts
from pixel.tracking.panels import series_of

TEMPLATE = Path(__file__).with_name("live.jinja")


class LossMonitor(TrainerCallback):
    """
    Writes `live.html` (one file, opens without a server, reloads itself) and `live.json` every `every` logs and at
    the end: the sections of `pixel/tracking/panels.yaml` (losses, weights, norms, conflicts, held-out metrics, ...)
    and alerts.

    All is drawn from the log that checkpoints keep, so a resumed run shows its whole past. A full disk does not stop
    training.

    Args:
        folder: where; by default `output_dir`.
        every: training logs between writes.
        refresh: seconds between reloads of the page.
        points: most points a curve.
        alerts: whose alerts are listed, the last 50.
    """

    def __init__(
        self,
        folder: Path | str | None = None,
        every: int = 5,
        refresh: int = 15,
        points: int = 400,
        alerts: Alerts | None = None,
    ):
        if every < 1:
            raise ValueError(f"every is {every}; it must be at least 1")
        self.folder, self.every, self.refresh, self.points = folder, every, refresh, points
        self.alerts = alerts if alerts is not None else Alerts()
        self._logs, self._complained = 0, False

    def on_log(self, args, state, control, logs=None, **kwargs):
        if logs and "loss" in logs:
            self._logs += 1
            if (self._logs - 1) % self.every == 0:
                self.write(args, state)

    def on_train_end(self, args, state, control, **kwargs):
        self.write(args, state, finished=True)

    def write(self, args, state, finished: bool = False) -> None:
        """Write both files now."""
        if not state.is_world_process_zero:
            return
        run = {
            "step": state.global_step,
            "max_steps": state.max_steps,
            "finished": finished,
            "written": time.strftime("%Y-%m-%d %H:%M:%S"),
            "alerts": [alert.as_dict() | {"values": {}} for alert in self.alerts.sent[-50:]],
            "groups": series_of(state.log_history, self.points),
        }
        folder = Path(self.folder or args.output_dir)
        try:
            write_in_one_step(folder / "live.json", json.dumps(run, allow_nan=False), durable=False)
            title = f"Training {folder.resolve().name}"
            write_in_one_step(folder / "live.html", page(run, title, 0 if finished else self.refresh), durable=False)
        except OSError as error:
            if not self._complained:
                print(f"live.html cannot be written and the run goes on without: {error}", flush=True)
            self._complained = True


def page(run: Mapping[str, Any], title: str, refresh: int = 0) -> str:
    """The self-contained page; `refresh` 0 for none."""
    import jinja2

    data = json.dumps(run, allow_nan=False).replace("<", "\\u003c")  # nothing in it can end the script
    template = jinja2.Environment(autoescape=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(title=title, data=data, refresh=refresh)
