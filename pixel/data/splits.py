"""Splits that keep a person or thread on one side."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pixel.data.errors import ConversationError

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

TRAIN, VALIDATION = "train", "validation"


def side(group: str, validation: float = 0.1, seed: int = 0) -> str:
    """
    The split of a group: `validation` where the group's hash, read as a number in [0, 1), is below that share.

    It depends on the group's name and the seed alone, so adding, dropping or shuffling rows moves nobody, and raising
    the share only moves groups into validation, never out of it.

    Args:
        group: person or thread.
        validation: share of groups (not of rows) in [0, 1).
        seed: another seed, another split.
    """
    if not 0.0 <= validation < 1.0:
        raise ValueError(f"validation must be in [0, 1), not {validation}")
    digest = hashlib.sha256(f"{seed} {group}".encode()).digest()
    return VALIDATION if int.from_bytes(digest[:8], "big") / 2**64 < validation else TRAIN


def group_split(
    rows: "Dataset | Iterable[Mapping[str, Any]]", validation: float = 0.1, seed: int = 0
) -> "DatasetDict | dict[str, list[Mapping[str, Any]]]":
    """
    Split conversations so that no group is on both sides.

    Args:
        rows: a `Dataset` with a `group` column, or rows with a `group` key.
        validation: share of groups in [0, 1). The share of rows comes near it when there are many groups.
        seed: chooses the split.

    Returns:
        `DatasetDict` for a `Dataset`, else a dict of lists; keys `train` and `validation`, order kept.

    Raises:
        ConversationError: a row has no group.
    """
    from datasets import Dataset, DatasetDict

    is_dataset = isinstance(rows, Dataset)
    rows = rows if is_dataset else list(rows)
    groups = rows["group"] if is_dataset else [row.get("group") for row in rows]
    places: dict[str, list[int]] = {TRAIN: [], VALIDATION: []}
    for number, group in enumerate(groups):
        if not group:
            raise ConversationError("is missing", row=number, field="group", mend="name the person or thread, or id")
        places[side(group, validation, seed)].append(number)
    if is_dataset:
        return DatasetDict({name: rows.select(numbers) for name, numbers in places.items()})
    return {name: [rows[number] for number in numbers] for name, numbers in places.items()}
