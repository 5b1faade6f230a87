"""`report.html`: one self-contained page about a training run."""

import os
from pathlib import Path
from typing import Any

import torch

from pixel.data.rendering import render
from pixel.evaluation import Result
from pixel.inference.brief import brief
from pixel.models import PixelForCausalLM
from pixel.models.labels import OBJECTIVES
from pixel.models.readouts import turn_record

TEMPLATE = Path(__file__).with_name("report.jinja")


def write_report(
    file: Path, trainer, mixture, results: list[Result], *, title: str, subtitle: str, sample: list[dict] | None = None
) -> Path:
    """
    Draw the page: figures, loss curves, balance, data, and one conversation read turn by turn.

    Args:
        file: to write.
        trainer: after training.
        mixture: what it was trained on.
        results: from `assess`.
        title, subtitle: of the page.
        sample: from `read_sample`; shown with its text, so it must be text that may be shown.
    """
    import jinja2

    history = trainer.state.log_history
    last = next((entry for entry in reversed(history) if "balance_weight/language" in entry), {})
    environment = jinja2.Environment(autoescape=True)
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        title=title,
        subtitle=subtitle,
        results=results,
        charts=_charts(history),
        weighting=trainer.args.weighting,
        balance=[
            {
                "name": name,
                "weight": last.get(f"balance_weight/{name}", 1.0),
                "norm": last.get(f"balance_gradient_norm/{name}"),
            }
            for name in OBJECTIVES
        ],
        conflict=last.get("balance_conflict_fraction"),
        sample=sample,
        seed="seed" in mixture.rows,
        data=[
            {"name": name, "train": train, "validation": held, "licence": "; ".join(mixture.licences[name])}
            for name, (train, held) in mixture.rows.items()
        ],
    )
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text(page, encoding="utf-8")
    os.replace(partial, file)
    return file


def _charts(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = sorted({key for entry in history for key in entry if key == "loss" or key.startswith("loss_")})
    charts = []
    for name in names:
        points = [(entry["step"], entry[name]) for entry in history if name in entry]
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
