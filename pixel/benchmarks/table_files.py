"""Turn tables on disk, so that many workers start on the same turns at once."""

import json
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.torch import save_file

from pixel.training.turn_table import TurnTable


def save_table(table: TurnTable, file: Path) -> None:
    """Write a table whole or not at all: safetensors, the groups as JSON in its metadata."""
    file.parent.mkdir(parents=True, exist_ok=True)
    tensors = {"states": table.states, "starts": table.starts, "roles": table.roles}
    tensors |= {f"labels.{name}": labels.contiguous() for name, labels in table.labels.items()}
    partial = file.with_name(f"{file.name}.partial")
    save_file(tensors, partial, metadata={"groups": json.dumps(table.groups.tolist())})
    partial.rename(file)


def load_table(file: Path) -> TurnTable:
    """Read what `save_table` wrote."""
    with safe_open(file, framework="pt") as opened:
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}
        groups = np.array(json.loads(opened.metadata()["groups"]))
    labels = {name.removeprefix("labels."): value for name, value in tensors.items() if name.startswith("labels.")}
    return TurnTable(tensors["states"], tensors["starts"], tensors["roles"], labels, groups)
