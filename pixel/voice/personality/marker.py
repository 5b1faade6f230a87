"""One marker: its name, what it says in plain words, and how its value reads in a sentence."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

WORDING = Path(__file__).with_name("markers") / "wording.yaml"


@dataclass(frozen=True)
class Marker:
    """
    Attributes:
        name: key in the profile.
        label: what is counted, in plain words, e.g. `words in the median sentence`.
        low, high: what a low or high value says of the talk, e.g. `speaks in short sentences`. No word of character.
        unit: behind the number, e.g. ` words` or `%`.
        scale: the value is multiplied by it for reading, 100 for shares.
        digits: after the point.
    """

    name: str
    label: str
    low: str
    high: str
    unit: str = ""
    scale: float = 1.0
    digits: int = 1

    def shown(self, value: float) -> str:
        """
        Example:
            >>> Marker("q", "questions", "asks few", "asks many", "%", 100, 0).shown(0.254)
            '25%'
        """
        return f"{value * self.scale:.{self.digits}f}{self.unit}"


@cache
def markers_of(family: str) -> dict[str, Marker]:
    """A family's markers by name, as `markers/wording.yaml` describes them."""
    return {name: Marker(name, **entry) for name, entry in _described()[family].items()}


@cache
def _described() -> dict[str, dict]:
    return yaml.safe_load(WORDING.read_text(encoding="utf-8"))
