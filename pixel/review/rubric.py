"""Rubrics: what is asked about an item, on what scale, in YAML that a clinician can read and correct."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pixel.models.labels import FIELDS
from pixel.review.errors import ReviewError

FOLDER = Path(__file__).parent / "rubrics"


@dataclass(frozen=True)
class Step:
    """One value of a scale, with its name and what it looks like."""

    value: int
    label: str
    anchor: str


@dataclass(frozen=True)
class Dimension:
    """
    One question.

    Attributes:
        scale: from worst to best, values rising.
        allows_unsure: whether "unsure" is an answer.
        veto: values up to and including this one are a veto, and the worst answer counts; `None`: no veto.
        trains: the head that learns from it (`FIELD`, or `FIELD.NAME` of one with several values), or `None`.
    """

    id: str
    name: str
    question: str
    scale: tuple[Step, ...]
    allows_unsure: bool = False
    veto: int | None = None
    trains: str | None = None

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(step.value for step in self.scale)


@dataclass(frozen=True)
class Rubric:
    """Questions about an item, and the words around them."""

    name: str
    title: str
    instructions: str
    missing_context: str
    dimensions: tuple[Dimension, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(dimension.id for dimension in self.dimensions)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; `read_rubric` reads it back."""
        return json.loads(json.dumps(asdict(self)))

    @cached_property
    def key(self) -> str:
        """Name and content: a rubric that was changed is another one."""
        content = json.dumps(self.as_json(), sort_keys=True).encode("utf-8")
        return f"{self.name}@{hashlib.sha256(content).hexdigest()[:10]}"


def load_rubric(name: str | Path) -> Rubric:
    """
    A rubric that is shipped (`conversation`), or one of a YAML file.

    Raises:
        ReviewError: no such rubric, or one that cannot be used; names the file, the place and the mend.
    """
    import yaml

    file = Path(name) if str(name).endswith((".yaml", ".yml")) else FOLDER / f"{name}.yaml"
    shipped = ", ".join(sorted(path.stem for path in FOLDER.glob("*.yaml")))
    try:
        if file.parent == FOLDER and file.stem not in shipped.split(", "):
            raise FileNotFoundError
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise ReviewError(f"rubric {name}: there is none. Mend: use {shipped}, or the path of a YAML file") from None
    except yaml.YAMLError as error:
        raise ReviewError(f"{file}: is not YAML ({' '.join(str(error).split())[:150]}). Mend: fix that line") from None
    return read_rubric(content, str(file))


def read_rubric(content: Any, place: str) -> Rubric:
    """
    A rubric from plain JSON, checked to the last key.

    Raises:
        ReviewError: as `load_rubric`.
    """
    content = _keys(content, place, {"name", "title", "dimensions"}, {"instructions", "missing_context"})
    if not isinstance(content["dimensions"], list) or not content["dimensions"]:
        raise ReviewError(f"{place}, dimensions: there are none. Mend: give a list of questions")
    dimensions = tuple(_dimension(one, f"{place}, dimension {n}") for n, one in enumerate(content["dimensions"], 1))
    ids = [dimension.id for dimension in dimensions]
    if len(set(ids)) < len(ids):
        raise ReviewError(f"{place}, dimensions: an id stands twice. Mend: rename one")
    return Rubric(
        name=_words(content, "name", place),
        title=_words(content, "title", place),
        instructions=_words(content, "instructions", place, needed=False),
        missing_context=_words(content, "missing_context", place, needed=False),
        dimensions=dimensions,
    )


def _dimension(content: Any, place: str) -> Dimension:
    content = _keys(content, place, {"id", "name", "question", "scale"}, {"allows_unsure", "veto", "trains"})
    id = _words(content, "id", place)
    if not id.isidentifier() or id in ("comment", "missing_context", "edits"):
        raise ReviewError(f"{place}, id: {id!r} cannot be one. Mend: use letters and underscores")
    if not isinstance(content["scale"], list) or len(content["scale"]) < 2:
        raise ReviewError(f"{place}, scale: has fewer than two values. Mend: give a list of value, label, anchor")
    steps = []
    for one in content["scale"]:
        one = _keys(one, f"{place}, scale", {"value", "label", "anchor"}, set())
        if isinstance(one["value"], bool) or not isinstance(one["value"], int):
            raise ReviewError(f"{place}, scale: a value is no whole number. Mend: use 1, 2, 3, ...")
        steps.append(Step(one["value"], _words(one, "label", place), _words(one, "anchor", place)))
    values = [step.value for step in steps]
    if values != sorted(set(values)):
        raise ReviewError(f"{place}, scale: values do not rise. Mend: order them from worst to best")
    unsure, veto = content.get("allows_unsure", False), content.get("veto")
    if not isinstance(unsure, bool):
        raise ReviewError(f"{place}, allows_unsure: is neither true nor false. Mend: write one of them")
    if veto is not None and (isinstance(veto, bool) or veto not in values[:-1]):
        raise ReviewError(f"{place}, veto: is not on the scale, or all of it. Mend: use one of {values[:-1]}")
    name, question = _words(content, "name", place), _words(content, "question", place)
    return Dimension(id, name, question, tuple(steps), unsure, veto, _head(content.get("trains"), place))


def _head(trains: Any, place: str) -> str | None:
    if trains is None:
        return None
    name, _, part = str(trains).partition(".")
    field = FIELDS.get(name)
    if field is None or field.kind != "score" or (part not in field.names if part else field.size > 1):
        known = ", ".join(one.name for one in FIELDS.values() if one.kind == "score")
        raise ReviewError(f"{place}, trains: {trains!r} is no score. Mend: use FIELD or FIELD.NAME of {known}")
    return str(trains)


def _keys(content: Any, place: str, needed: set[str], known: set[str]) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        raise ReviewError(f"{place}: is not a mapping. Mend: write key: value")
    missing, odd = sorted(needed - set(content)), sorted(map(str, set(content) - needed - known))
    if missing or odd:
        what = f"{missing[0]} is missing" if missing else f"there is no key {odd[0]}"
        raise ReviewError(f"{place}: {what}. Mend: use {', '.join(sorted(needed | known))}")
    return content


def _words(content: Mapping[str, Any], key: str, place: str, needed: bool = True) -> str:
    text = content.get(key) or ""
    if not isinstance(text, str) or (needed and not text.strip()):
        raise ReviewError(f"{place}, {key}: is no text. Mend: write words, in quotes if need be")
    return text.strip()
