"""A few conversations and the options of a run that is over in a moment and has much to bring back."""

import json
from pathlib import Path

import yaml

from pixel.data.schema import conversation

FEELINGS = (["joy"], ["sadness", "fear"], ["anger"], ["neutral"])


def write_data(file: Path, rows: int = 40) -> Path:
    """Conversations in Pixel's schema, as JSON lines; every row is labelled by its number."""
    lines = []
    for index in range(rows):
        messages = [
            {"role": "user", "content": f"Day {index}: I could not sleep" + " again" * (index % 5) + "."},
            {"role": "assistant", "content": "That sounds hard. " + "Tell me more. " * (index % 3)},
            {"role": "user", "content": f"My job takes {index} hours."},
        ]
        labels = {
            "emotion": [FEELINGS[index % 4], None, None],
            "risk": [index % 7, None, 0],
            "emotional_reactions": [None, index % 3, None],
        }
        row = conversation(messages, id=str(index), source="made", licence="CC0-1.0", **labels)
        lines.append(json.dumps({name: value for name, value in row.items() if value is not None}))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def write_config(file: Path, data: Path, steps: int, interval: int, **options) -> Path:
    """
    The YAML of a run on a random network of a few thousand weights: dropout, momentum, averaged Gram matrices, loss
    weights that move, a curriculum's order of rows.
    """
    config = {
        "model_name_or_path": "tiny:llama", "model_dtype": "float32", "head_hidden_size": 16, "head_dropout": 0.2,
        "fields": ["emotion", "risk", "emotional_reactions"], "corpora": [], "dataset": [str(data)], "max_length": 256,
        "max_steps": steps, "save_steps": interval, "per_device_train_batch_size": 2, "learning_rate": 1e-3,
        "weighting": "upgrad", "gram_ema": 0.5, "loss_schedule": "dwa", "packing": False, "watch_conversations": 4,
        "watch": {"anomalies": {}}, "logging_steps": 1, "seed": 0, "disable_tqdm": True,
        "resume_from_checkpoint": "auto",
    }  # fmt: skip
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(config | options), encoding="utf-8")
    return file
