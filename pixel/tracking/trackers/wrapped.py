"""Any other tracker that transformers has a callback for (mlflow, comet_ml, ...), under its own names."""

import copy
from collections.abc import Mapping
from typing import Any

from pixel.tracking.trackers.run_info import RunInfo, Tracker


class WrappedCallback(Tracker):
    """
    A reporting callback of transformers as a tracker.

    Args:
        name: as in `report_to`.
        args, state, control: of the trainer.
        model: what transformers hands to its callbacks.
    """

    def __init__(self, name: str, args, state, control, model=None):
        self.name, self.args, self.state, self.control, self.model = name, args, state, control, model

    def start(self, run: RunInfo) -> int | None:
        from transformers.integrations import get_reporting_integration_callbacks

        self.state = copy.copy(self.state)
        self.callback = get_reporting_integration_callbacks([self.name])[0]()
        self.callback.on_train_begin(self.args, self.state, copy.copy(self.control), model=self.model)
        return None

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self.state.global_step = step
        self.callback.on_log(self.args, self.state, copy.copy(self.control), model=self.model, logs=dict(values))

    def summary(self, values: Mapping[str, float]) -> None:
        self.log(self.state.global_step, {f"final/{name}": value for name, value in values.items()})

    def artifact(self, name: str, kind: str, files, metadata: Mapping[str, Any]) -> None:
        """Files are not handed on: each integration has its own way."""

    def finish(self) -> None:
        self.callback.on_train_end(self.args, self.state, copy.copy(self.control), model=self.model)
