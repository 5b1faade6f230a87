"""The same thing said four times: messages whose wording changes and whose meaning does not."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("paraphrases.yaml")


class Paraphrases(NamedTuple):
    """
    One set.

    Attributes:
        id: of the set.
        topic: for figures by subgroup.
        says: the message and its paraphrases.
    """

    id: str
    topic: str
    says: tuple[str, ...]


@lru_cache(maxsize=1)
def paraphrase_sets(file: Path = FILE) -> tuple[Paraphrases, ...]:
    """
    The sets that ship with Pixel, or those of another file of the same shape.

    Raises:
        pixel.knowledge.errors.KnowledgeError: not a readable YAML file.
        ValueError: an id twice, a set with a text twice, or sets of unequal size.
    """
    from pixel.knowledge.yaml_files import read_yaml

    sets = tuple(Paraphrases(one["id"], one["topic"], tuple(one["says"])) for one in read_yaml(file))
    if len({one.id for one in sets}) < len(sets):
        raise ValueError(f"{file.name}: an id stands twice. Mend: give every set its own")
    for one in sets:
        if len(set(one.says)) < len(one.says) or len(one.says) != len(sets[0].says):
            raise ValueError(f"{file.name}: {one.id} repeats a text or has another number of them than the first set")
    return sets
