"""Folders as recipes/evaluate.py writes them."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def evaluation(tmp_path):
    """`evaluation(name, {(task, metric): {id: (value, group)}}, rows=[...], ...)`: the folder."""

    def write(name: str, items: dict | None = None, rows: list[dict] | None = None, **more) -> Path:
        folder = tmp_path / name
        (folder / "items").mkdir(parents=True)
        items = items or {}
        if rows is None:
            rows = [row(*key, mean(lines)) for key, lines in items.items()]
        for (task, metric), lines in items.items():
            with (folder / "items" / f"{task}.jsonl").open("a") as file:
                for item, (value, group) in lines.items():
                    file.write(json.dumps({"id": item, "metric": metric, "value": value, "group": group}) + "\n")
        content = {"schema": 1, "model": {"name": name}, "settings": {}, "results": rows, "skipped": []} | more
        (folder / "results.json").write_text(json.dumps(content))
        return folder

    return write


def row(task: str, metric: str, value: float | None, low=None, high=None, **more) -> dict:
    known = {"task": task, "metric": metric, "value": value, "low": low, "high": high, "n": 100}
    return known | {"higher_is_better": True} | more


def mean(lines: dict) -> float:
    return sum(value for value, _ in lines.values()) / len(lines)
