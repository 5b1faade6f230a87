"""Which optimizer steps had a gradient that was not finite: OUTPUT/bad_steps.json, read by later attempts."""

import json
import math
from pathlib import Path

from pixel.data.whole_files import write_in_one_step


class BadSteps:
    """
    A list that outlives the process. Written whole or not at all; a file that cannot be read counts as empty.

    Args:
        file: JSON: `{"steps": [{"step", "data", "times", "left_out", "grad_norm"}]}`. `data` is a fingerprint of the
            rows, over all ranks; no text of theirs.
    """

    def __init__(self, file: Path):
        self.file = file
        try:
            self.steps: list[dict] = list(json.loads(file.read_text(encoding="utf-8"))["steps"])
        except (OSError, ValueError, KeyError, TypeError):
            self.steps = []

    def _find(self, step: int, data: int) -> dict | None:
        return next((entry for entry in self.steps if (entry.get("step"), entry.get("data")) == (step, data)), None)

    def met_before(self, step: int, data: int) -> bool:
        """Whether this step went wrong before, with these rows."""
        return self._find(step, data) is not None

    def note(self, step: int, data: int, norm: float, left_out: bool) -> None:
        """Add the step, or count it once more."""
        entry = self._find(step, data)
        if entry is None:
            entry = {"step": step, "data": data, "times": 0}
            self.steps.append(entry)
        entry["times"] += 1
        entry["left_out"] = left_out
        entry["grad_norm"] = norm if math.isfinite(norm) else str(norm)
        write_in_one_step(self.file, json.dumps({"steps": self.steps}, indent=1, allow_nan=False) + "\n")
