"""The end of a run: one folder with a model that loads, its figures, and a report."""

import json
from pathlib import Path
from typing import Any

from pixel.data.whole_files import write_in_one_step
from pixel.hub import write_model_card
from pixel.metrics import Result
from pixel.models.labels import FIELDS, OBJECTIVES
from pixel.training.whole_weights import save_merged


def save_network(trainer, folder: str | Path) -> Path:
    """
    Write the trained network, adapters merged into the trunk, and its tokenizer.

    Under ZeRO and FSDP every process must call it: the weights are gathered a module at a time.

    Returns:
        the folder.
    """
    folder = Path(folder)
    if trainer.is_deepspeed_enabled or trainer.is_fsdp_enabled:
        save_merged(trainer.model_wrapped, folder)
    elif trainer.args.should_save:
        trainer.merged_network().save_pretrained(folder)
    if trainer.args.should_save:
        trainer.processing_class.save_pretrained(folder)
    return folder


def first_and_last(history: list[dict[str, Any]], key: str) -> tuple[float | None, float | None]:
    """The first and the last logged value of a key."""
    values = [entry[key] for entry in history if key in entry]
    return (values[0], values[-1]) if values else (None, None)


def metrics(trainer, results: list[Result], *, seconds: float, more: dict[str, Any] | None = None) -> dict[str, Any]:
    """
    What `metrics.json` holds.

    Returns:
        `train_loss_first`, `train_loss_last`, `seconds`, and `objectives`: for each, `loss_first`, `loss_last`, its
        `components` likewise, and `evaluation`: a list of metric, value, interval, n, majority, baseline, published.
    """
    history = trainer.state.log_history
    first, last = first_and_last(history, "loss")
    objectives: dict[str, Any] = {}
    for objective in OBJECTIVES:
        names = [name for name, field in FIELDS.items() if field.objective == objective] or ["language"]
        components = {name: first_and_last(history, f"loss_{name}") for name in names}
        components = {name: pair for name, pair in components.items() if pair[0] is not None}
        objectives[objective] = {
            "loss_first": sum(pair[0] for pair in components.values()) if components else None,
            "loss_last": sum(pair[1] for pair in components.values()) if components else None,
            "components": {n: {"loss_first": a, "loss_last": b} for n, (a, b) in components.items()},
            "evaluation": [result.as_dict() for result in results if result.objective == objective],
        }
    language = first_and_last(history, "eval_loss_language")[1]
    if language is not None:
        objectives["language"]["evaluation"].append({"metric": "validation_loss", "value": language})
    return {
        "train_loss_first": first,
        "train_loss_last": last,
        "steps": trainer.state.global_step,
        "seconds": round(seconds, 1),
        "objectives": objectives,
        **(more or {}),
    }


def write_json(file: Path, content: Any) -> Path:
    """Write a JSON file whole or not at all."""
    return write_in_one_step(file, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def model_card(folder: Path, trainer, mixture, model_name: str, results: list[Result], command: str) -> Path:
    """Write the model card: which heads are trained, on what, and how well."""
    config = trainer.pixel.config
    heads = [
        {"name": name, "labels": FIELDS[name].size, "trained": name in config.trained_fields} for name in config.fields
    ]
    info = {
        "name": f"Pixel on {model_name.rsplit('/', 1)[-1].removeprefix('embedded:')}",
        "base_model": model_name if "/" in model_name and not model_name.startswith(("/", ".")) else None,
        "heads": heads,
        "objectives": [{"name": o, "weight": trainer.args.objective_weights.get(o, 1.0)} for o in OBJECTIVES],
        "balancing": trainer.args.weighting,
        "data": [
            {"name": name, "rows": rows, "licence": "; ".join(mixture.licences[name])}
            for name, (rows, _) in mixture.rows.items()
        ],
        "results": [result.card_row() for result in results],
        "readout_layer": config.readout_layer,
        "layers": config.text_config.num_hidden_layers,
        "command": command,
    }
    return write_model_card(folder, info)
