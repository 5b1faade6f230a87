"""Where each number of the training log belongs: sections and names, from `panels.yaml`."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("panels.yaml")
OTHER = "other"


@dataclass(frozen=True)
class Section:
    """
    One group of panels.

    Attributes:
        name: what comes before the slash in a tracker.
        title: the heading on a page.
        exact: key of the log -> name of the panel.
        prefixes: starts of keys; what follows is the name.
    """

    name: str
    title: str
    exact: Mapping[str, str] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()


@cache
def sections() -> tuple[Section, ...]:
    """The sections in the order of a page."""
    import yaml

    found = []
    for said in yaml.safe_load(FILE.read_text(encoding="utf-8"))["sections"]:
        exact, prefixes = {}, []
        for key in said["keys"]:
            if isinstance(key, dict):
                exact |= key
            elif key.endswith(("_", "/")):
                prefixes.append(key)
            else:
                exact[key] = key
        found.append(Section(said["name"], said["title"], exact, tuple(prefixes)))
    return tuple(found)


@cache
def place(key: str) -> tuple[str, str] | None:
    """
    Section and panel of a key of the log; `None` where no section has it.

    Several prefixes of one section may lead to one name; the prefix's own word then goes before it (`emotion_x` and
    `empathy_x` are `eq/emotion_x` and `eq/empathy_x`, `eq_x` is `eq/x`).

    Example:
        >>> place("loss"), place("balance_weight/eq"), place("clinical_low/accuracy"), place("empathy_gap")
        (('loss', 'all'), ('fork_weight', 'eq'), ('clinical', 'low_accuracy'), ('eq', 'empathy_gap'))
    """
    for section in sections():
        if key in section.exact:
            return section.name, section.exact[key]
    fitting = [(len(p), p, section) for section in sections() for p in section.prefixes if key.startswith(p)]
    if not fitting:
        return None
    _, prefix, section = max(fitting, key=lambda item: item[0])
    rest = key.removeprefix(prefix)
    word = prefix.rstrip("_/")
    alike = len([p.rstrip("_/") for p in section.prefixes if p.rstrip("_/") != word]) > 0
    name = f"{word}_{rest}" if alike and word != section.name else rest
    return section.name, name.replace("/", "_")


def grouped(logs: Mapping[str, Any]) -> dict[str, float]:
    """
    A log entry under the names that trackers get: `section/panel`, one slash each; what has no section is `other/...`.

    Only finite and infinite numbers pass: never a text.

    Example:
        >>> grouped({"loss": 2.0, "eval_loss_risk": 1, "resources/gpu0/memory": 3.0, "note": "words", "epoch": 1.0})
        {'loss/all': 2.0, 'eval_loss/risk': 1.0, 'resources/gpu0_memory': 3.0}
    """
    named = {}
    for key, value in logs.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or key in ("epoch", "step"):
            continue
        section, name = place(key) or (OTHER, key.replace("/", "_"))
        named[f"{section}/{name}"] = float(value)
    return named


def series_of(history: Iterable[Mapping[str, Any]], points: int = 400) -> dict[str, dict[str, list]]:
    """
    The curves of a log.

    Args:
        history: `TrainerState.log_history`.
        points: most points a curve; of longer ones every n-th is kept, and the last.

    Returns:
        title of the section -> name -> `[[step, value], ...]`; `None` where the value is not finite.
    """
    titles = {section.name: section.title for section in sections()}
    groups: dict[str, dict[str, list]] = {title: {} for title in titles.values()}
    for entry in history:
        for key, value in entry.items():
            if isinstance(value, (int, float)) and (where := place(key)) is not None:
                finite = value if math.isfinite(value) else None
                groups[titles[where[0]]].setdefault(where[1], []).append([entry.get("step", 0), finite])
    return {
        title: {name: _thinned(curve, points) for name, curve in sorted(curves.items())}
        for title, curves in groups.items()
    }


def _thinned(curve: list, points: int) -> list:
    every = -(-len(curve) // points)
    return curve[:-1][::every] + curve[-1:]
