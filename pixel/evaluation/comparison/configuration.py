"""What two versions were made and measured with, where it differs, and nothing else."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pixel.evaluation.comparison.version import Version

TRAINING_KEYS = ("arguments", "settings", "config", "steps", "seed", "model", "weighting", "loss_schedule")
"""Of `metrics.json`: its settings, not its figures."""
ABSENT = "(absent)"


def configuration(version: Version) -> dict[str, Any]:
    """
    Every setting known of a version, by dotted name.

    Read are the settings, the model's kind and fingerprint and Pixel's version in `results.json`; and, where the
    model's folder is on this machine, its `config.json`, `generation_config.json` and the settings in `metrics.json`.
    `training_args.bin` is a pickle, which runs what it holds when it is read: it is left alone.
    """
    model = version.results.get("model") or {}
    known: dict[str, Any] = {
        "evaluation": version.results.get("settings") or {},
        "model": {name: model.get(name) for name in ("name", "kind", "fingerprint") if name in model},
        "pixel": version.results.get("pixel"),
    }
    folder = Path(str(model.get("path") or ""))
    if model.get("path") and folder.is_dir():
        known["config"] = _json(folder / "config.json")
        known["generation"] = _json(folder / "generation_config.json")
        training = _json(folder / "metrics.json")
        known["training"] = {name: training[name] for name in TRAINING_KEYS if name in training}
    return flat(known)


def differing(versions: list[Version]) -> dict[str, Any]:
    """
    Settings that are not the same in all versions.

    Returns:
        `versions`: names; `same`: how many settings agree; `different`: dotted name -> value in each version, in
        order, `"(absent)"` where a version lacks it; `unread`: versions whose model folder was not found.
    """
    known = [configuration(version) for version in versions]
    names = sorted(set().union(*known))
    rows = {name: [one.get(name, ABSENT) for one in known] for name in names}
    different = {name: values for name, values in rows.items() if any(value != values[0] for value in values[1:])}
    unread = [
        version.name
        for version, one in zip(versions, known, strict=True)
        if not any(k.startswith("config.") for k in one)
    ]
    return {
        "versions": [version.name for version in versions],
        "same": len(rows) - len(different),
        "different": different,
        "unread": unread,
    }


def flat(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """
    Dotted names; lists stay whole.

    Example:
        >>> flat({"a": {"b": 1, "c": [2]}, "d": None})
        {'a.b': 1, 'a.c': [2], 'd': None}
    """
    out: dict[str, Any] = {}
    for name, value in nested.items():
        if isinstance(value, Mapping):
            out |= flat(value, f"{prefix}{name}.")
        else:
            out[f"{prefix}{name}"] = value
    return out


def _json(file: Path) -> dict[str, Any]:
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
