"""Folders as a run leaves them."""

import json
from pathlib import Path

from pixel.tracking.lineage import lineage, write_lineage


def run_folder(folder: Path, *, auc=0.8, rate=0.1, loss=1.0, data="aa", started=None, interval=(0.7, 0.9)) -> Path:
    """A finished run of three logs and one measured read-out."""
    folder.mkdir(parents=True)
    said = lineage(
        config={"training": {"learning_rate": rate, "seed": 0, "output_dir": str(folder)}},
        data={"seed": {"hash": data, "rows": 10}},
        run=folder.name,
    )
    said["code"] = {"revision": "0123456789abcdef", "dirty": False}
    write_lineage(folder, said | ({"started": started} if started else {}))
    row = {"objective": "clinical", "field": "risk", "source": "seed", "metric": "auc", "value": auc, "n": 50}
    row |= {"low": interval[0], "high": interval[1]} if interval else {"low": None, "high": None}
    (folder / "metrics.json").write_text(
        json.dumps({"train_loss_last": loss, "steps": 30, "objectives": {"clinical": {"evaluation": [row]}}})
    )
    history = [{"loss": loss * factor, "step": step} for step, factor in ((10, 3.0), (20, 2.0), (30, 1.0))]
    history.append({"eval_relative_loss": loss / 2, "eval_loss": loss, "step": 30})
    (folder / "history.json").write_text(json.dumps({"global_step": 30, "max_steps": 40, "log_history": history}))
    return folder
