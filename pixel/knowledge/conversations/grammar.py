"""The grammar: banks of sentences in YAML, chosen by weight, none twice in a conversation."""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.yaml_files import read_yaml

FOLDER = Path(__file__).with_name("grammar")
BANKS = (
    "openings", "reflections", "questions", "clients", "risk", "closings", "switches", "people", "circumstances",
    "symptom_clauses", "lines",
)  # fmt: skip


@lru_cache(maxsize=1)
def banks() -> dict[str, Any]:
    """Every bank by name, and `exchanges`: modality -> technique -> lines with what people answer."""
    found = {name: read_yaml(FOLDER / f"{name}.yaml") for name in BANKS}
    found["exchanges"] = {file.stem: read_yaml(file) for file in sorted((FOLDER / "exchanges").glob("*.yaml"))}
    return found


def bank(path: str) -> Any:
    """
    What stands under a dotted path, such as `reflections.by_manner.sad`.

    Raises:
        KnowledgeError: nothing stands there.
    """
    value: Any = banks()
    for part in path.split("."):
        key = int(part) if part.isdigit() else part
        if not isinstance(value, Mapping) or key not in value:
            raise KnowledgeError(f"the grammar has no {path!r}", file=FOLDER, mend="see the bank named first")
        value = value[key]
    return value


def template_id(path: str, option: Any) -> str:
    """
    A stable name for a sentence of the grammar: its bank and a checksum of its text, so that it keeps its name when
    others are added before it.
    """
    return f"{path}/{crc32(said(option).encode()):08x}"


def said(option: Any) -> str:
    """The text of an option: itself, or what a mapping of one manner, or one with `say`, holds."""
    if isinstance(option, str):
        return option
    value = option.get("say") or option.get("line") or option.get("ask") or next(iter(option.values()))
    return value if isinstance(value, str) else str(value)


def manner(option: Any) -> str:
    """How an answer is said (`sad`, `hope`, `doubt`, ...); `plain` where nothing is noted."""
    return next(iter(option)) if isinstance(option, Mapping) and len(option) == 1 else "plain"


class Chooser:
    """
    Chooses sentences for one conversation.

    Args:
        rng: the conversation's own.
        weights: template id -> weight, from reviews; 1 where none is given, 0 takes it out.
        fits: whether a text is true of the person; what does not fit is never chosen.
    """

    def __init__(self, rng: random.Random, weights: Mapping[str, float], fits: Callable[[str], bool]):
        self.rng, self.weights, self.fits = rng, weights, fits
        self.used: list[str] = []

    def choose(self, path: str, options: Sequence[Any] | None = None) -> Any:
        """
        One option of a bank that fits and was not used before (unless all were).

        Raises:
            LookupError: none fits.
        """
        options = bank(path) if options is None else options
        named = [(template_id(path, one), one) for one in options if self.fits(said(one))]
        weighed = [(id, one, self.weights.get(id, 1.0)) for id, one in named]
        weighed = [row for row in weighed if row[2] > 0]
        fresh = [row for row in weighed if row[0] not in self.used] or weighed
        if not fresh:
            raise LookupError(path)
        id, one, _ = self.rng.choices(fresh, [row[2] for row in fresh])[0]
        self.used.append(id)
        return one

    def maybe(self, chance: float, path: str, options: Sequence[Any] | None = None) -> Any | None:
        """`choose` with a chance, else nothing; nothing too where no option fits."""
        if self.rng.random() >= chance:
            return None
        try:
            return self.choose(path, options)
        except LookupError:
            return None
