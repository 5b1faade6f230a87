"""The two lines of a recipe that tell trackers and `lineage.json` where a run comes from and what came of it."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pixel.data.content_hash import content_hash
from pixel.tracking.lineage import lineage, parent_model, write_lineage
from pixel.training.held_out_check import check_held_out, complaints


def describe_run(trainer, data, model, mixture) -> dict[str, Any]:
    """
    Before training: data, parent model and arguments for the run's lineage, and a look through the held-out
    conversations, whose faults become alerts.

    Args:
        trainer: any of Pixel's.
        data, model: `DataArguments`, `ModelArguments`.
        mixture: what is trained on.

    Returns:
        what `check_held_out` says.
    """
    first = trainer.is_world_process_zero() if hasattr(trainer, "tracking") else True
    checked: dict[str, Any] = {}
    if first:
        checked = check_held_out(mixture.unmixed, mixture.validation, trainer.args.max_length)
    config = {"data": dataclasses.asdict(data), "model": dataclasses.asdict(model)}
    parent = parent_model(model.model_name_or_path)
    said = corpora(mixture, checked) if first else {}
    if hasattr(trainer, "tracking"):
        trainer.tracking.describe(config, said, parent)
        for alert in complaints(checked, trainer.trained_fields()):
            trainer.alerts.send(alert)
    else:  # a frozen trunk's heads, fitted at once
        config["training"] = trainer.args.to_dict()
        write_lineage(
            Path(trainer.args.output_dir),
            lineage(config=config, data=said, parent=parent, seeds={"seed": trainer.args.seed}),
        )
    return checked


def corpora(mixture, checked: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Corpus -> rows, licences, and the hash of what is trained on, of its held-out rows, and what was checked."""
    said: dict[str, Any] = {}
    for name, (rows, held) in mixture.rows.items():
        said[name] = {"hash": mixture.hashes.get(name), "rows": rows, "licences": mixture.licences.get(name, [])}
        if held:
            said[name] |= {"held_out": held, "held_out_hash": content_hash(mixture.validation[name])}
            said[name] |= {"check": checked[name]} if checked and name in checked else {}
    return said


def conclude_run(trainer, folder: str | Path) -> None:
    """
    After everything is kept: the final figures and files go to the trackers, whose runs end.

    Args:
        trainer: after training.
        folder: with `metrics.json`, `report.html` and the model.
    """
    tracking = getattr(trainer, "tracking", None)
    if tracking is None:
        return
    folder = Path(folder)
    files = [folder / name for name in ("lineage.json", "metrics.json", "report.html", "report.json")]
    tracking.conclude(final_figures(folder), files, folder)


def final_figures(folder: Path) -> dict[str, float]:
    """`CORPUS_FIELD_METRIC` -> value, of `metrics.json`; nothing where it cannot be read."""
    try:
        said = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    found = {}
    for objective in said.get("objectives", {}).values():
        for row in objective.get("evaluation", []):
            if isinstance(row.get("value"), (int, float)) and row.get("field"):
                found[f"{row['source']}_{row['field']}_{row['metric']}"] = float(row["value"])
    return found
