"""Architectures as their makers published them, so that a plan needs no Hub."""

from functools import cache
from importlib.resources import files
from typing import Any


@cache
def published() -> dict[str, dict[str, Any]]:
    """Hub id -> its entry in `published.yaml`: `config`, and what the maker says of its size."""
    import yaml

    return yaml.safe_load((files("pixel.planning") / "published.yaml").read_text(encoding="utf-8"))


def published_config(model: str) -> dict[str, Any]:
    """The configuration of a published model, as its `config.json` has it (sizes only)."""
    return dict(published()[model]["config"])
