"""From a label as people write it to the numbers the columns hold, checked on the way."""

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

from pixel.data.errors import ConversationError
from pixel.models.labels import FIELDS, Field


def encode_label(field: Field | str, label: Any) -> list[float | None] | int | None:
    """
    Encode one turn's label.

    Args:
        field: the field, or its name.
        label: `None` (nobody labelled the turn) or

            - `multilabel`: a list of names (every other name is then a known absence), a mapping from name to value
              (every other name is then unknown), or the full list of numbers;
            - `score`: a number if the field has one dimension, a mapping from name to value, or the full list;
            - `categorical`, `ordinal`: the name or the class id.

    Returns:
        `None`; a list of `field.size` numbers in [0, 1], `None` where unknown; or a class id.

    Raises:
        ConversationError: unknown name, value out of range, wrong length.
    """
    field = FIELDS[field] if isinstance(field, str) else field
    if label is None:
        return None
    return _vector(field, label) if field.is_vector else _class_id(field, label)


def _vector(field: Field, label: Any) -> list[float | None]:
    if isinstance(label, Mapping):
        values: list[float | None] = [None] * field.size
        for name, value in label.items():
            values[_index(field, name)] = value
    elif isinstance(label, Real) and not isinstance(label, bool) and field.size == 1:
        values = [label]
    elif isinstance(label, Sequence) and not isinstance(label, str) and all(isinstance(x, str) for x in label):
        if field.kind == "score":
            raise ConversationError("got names where scores are needed", field=field.name, mend="give name: value")
        values = [0.0] * field.size
        for name in label:
            values[_index(field, name)] = 1.0
    elif isinstance(label, Sequence) and not isinstance(label, str):
        values = list(label)
    else:
        raise ConversationError(
            f"cannot read {label!r} as a {field.kind} label", field=field.name, mend=f"give {field.size} numbers"
        )
    if len(values) != field.size:
        raise ConversationError(
            f"has {len(values)} values, not {field.size}", field=field.name, mend=f"give {field.size} numbers"
        )
    return [_unit(field, value) for value in values]


def _unit(field: Field, value: Any) -> float | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool) or not isinstance(value, Real) or not 0.0 <= value <= 1.0:
        raise ConversationError(f"value {value!r} is outside [0, 1]", field=field.name, mend="rescale it to [0, 1]")
    return float(value)


def _class_id(field: Field, label: Any) -> int:
    if isinstance(label, str):
        return _index(field, label)
    if isinstance(label, bool) or not isinstance(label, int) or not 0 <= label < field.size:
        raise ConversationError(
            f"class {label!r} is outside 0..{field.size - 1}", field=field.name, mend=f"use one of {field.names}"
        )
    return label


def _index(field: Field, name: str) -> int:
    try:
        return field.names.index(name)
    except ValueError:
        names = ", ".join(field.names[:12]) + (", ..." if field.size > 12 else "")
        raise ConversationError(f"unknown label {name!r}", field=field.name, mend=f"use one of: {names}") from None
