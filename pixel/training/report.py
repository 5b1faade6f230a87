"""`report.html` and `report.json`: what there is to say of a training run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from pixel.data.rendering import render
from pixel.data.whole_files import write_in_one_step
from pixel.inference.brief import brief
from pixel.metrics import Result
from pixel.models import PixelForCausalLM
from pixel.models.labels import OBJECTIVES
from pixel.models.readouts import turn_record
from pixel.tracking.panels import series_of
from pixel.training.keeping import write_json

TEMPLATE = Path(__file__).with_name("report.jinja")


def report_data(
    trainer,
    mixture,
    results: list[Result],
    *,
    title: str,
    subtitle: str,
    watchers: Mapping[str, Any] | None = None,
    previous: Mapping[str, Any] | None = None,
    resources: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """
    What there is to say of a run, ready for JSON.

    Args:
        trainer: after training.
        mixture: what it was trained on.
        results: from `assess`.
        title, subtitle: of the page.
        watchers: callbacks by name; those with a `report` or `progress` have their say, else their last look.
        previous: the `report_data` of an earlier run in the same folder.
        resources: of `pixel.training.resources.Resources.summary`.

    Returns:
        `results`, `changes` (against `previous`), `history` (curves by heading), `balance`, `weighting`,
        `loss_schedule`, `conflict`, `curriculum`, `alerts`, `watchers`, `resources`, `data`, `title`, `subtitle`.
    """
    history = trainer.state.log_history
    last = next((entry for entry in reversed(history) if "balance_weight/language" in entry), {})
    alerts = getattr(trainer, "alerts", None)
    curriculum = getattr(trainer, "curriculum", None)
    return {
        "title": title,
        "subtitle": subtitle,
        "results": [result.as_dict() for result in results],
        "changes": changes([result.as_dict() for result in results], previous),
        "history": {heading: curves for heading, curves in series_of(history).items() if curves},
        "weighting": trainer.args.weighting,
        "loss_schedule": trainer.args.loss_schedule,
        "balance": [
            {
                "name": name,
                "loss_weight": last.get(f"loss_weight/{name}", 1.0),
                "weight": last.get(f"balance_weight/{name}", 1.0),
                "norm": last.get(f"balance_gradient_norm/{name}"),
            }
            for name in OBJECTIVES
        ],
        "conflict": last.get("balance_conflict_fraction"),
        "curriculum": None if curriculum is None else {"now": curriculum.last, "groups": curriculum.progression()},
        "alerts": [] if alerts is None else [alert.as_dict() for alert in alerts.sent],
        "watchers": {name: _said(callback) for name, callback in (watchers or {}).items()},
        "resources": dict(resources or {}),
        "data": [
            {"name": name, "train": train, "validation": held, "licence": "; ".join(mixture.licences[name])}
            for name, (train, held) in mixture.rows.items()
        ],
        "seed": "seed" in mixture.rows,
    }


def changes(results: list[dict[str, Any]], previous: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """
    What moved since an earlier run: figures of both, and whether the new one lies outside the old one's interval.

    Figures that either run lacks, or that did not move, are left out.
    """
    key = ("field", "source", "metric")
    before = {tuple(row[name] for name in key): row for row in (previous or {}).get("results", [])}
    found = []
    for row in results:
        old = before.get(tuple(row[name] for name in key))
        if old is None or old["value"] is None or row["value"] is None or old["value"] == row["value"]:
            continue
        beyond = old["low"] is not None and not old["low"] <= row["value"] <= old["high"]
        found.append({name: row[name] for name in key} | {"was": old["value"], "is": row["value"], "beyond": beyond})
    return found


def _said(callback) -> Any:
    for name in ("report", "progress"):
        if hasattr(callback, name):
            return getattr(callback, name)()
    history = getattr(callback, "history", None)
    return history[-1] if history else None


def write_report(file: Path, data: Mapping[str, Any], sample: list[dict] | None = None) -> Path:
    """
    Draw the page, and write the numbers beside it (`report.json`).

    Args:
        file: `report.html`.
        data: of `report_data`.
        sample: from `read_sample`; shown with its text, so it must be text that may be shown.
    """
    import jinja2

    environment = jinja2.Environment(autoescape=True)
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        **data, charts={heading: _charts(curves) for heading, curves in data["history"].items()}, sample=sample
    )
    write_in_one_step(file, page)
    write_json(file.with_suffix(".json"), data)
    return file


def read_report(folder: Path) -> dict[str, Any] | None:
    """The numbers of the run that wrote this folder last; `None` where there are none, or they cannot be read."""
    try:
        return json.loads((folder / "report.json").read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return None


def _charts(curves: Mapping[str, list]) -> list[dict[str, Any]]:
    charts = []
    for name, curve in curves.items():
        points = [(step, value) for step, value in curve if value is not None]
        if not points:
            continue
        steps, values = [p[0] for p in points], [p[1] for p in points]
        width, low, high = max(steps) - min(steps) or 1, min(values), max(values)
        spread = high - low or 1.0
        line = " ".join(
            f"{300 * (step - min(steps)) / width:.1f},{95 - 90 * (value - low) / spread:.1f}" for step, value in points
        )
        charts.append({"name": name, "points": line, "first": values[0], "last": values[-1]})
    return charts


@torch.no_grad()
def read_sample(network: PixelForCausalLM, tokenizer, messages: list[dict]) -> list[dict[str, str]]:
    """Read one conversation: role, text and a line of read-outs a turn."""
    network.eval()
    ids, blocks = render(tokenizer, messages)
    spans = torch.tensor([[[block.content, block.content_end - 1] for block in blocks]], device=network.device)
    logits = network.read(torch.tensor([ids], device=network.device), spans)
    fields, offsets = network.config.trained_fields, network.config.offsets
    return [
        {
            "role": message["role"],
            "text": message["content"],
            "readout": brief(
                turn_record({name: value[0, index] for name, value in logits.items()}, fields, offsets),
                message["role"],
            ),
        }
        for index, message in enumerate(messages)
    ]
