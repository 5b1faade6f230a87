"""Read-outs beside human labels: from turn records to the arrays that the metrics take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pixel.evaluation.items import item_id
from pixel.metrics.operating_point import DECIDED
from pixel.models.labels import FIELDS
from pixel.models.readouts import PLACES

IGNORE = -100


@dataclass(frozen=True)
class Labelled:
    """
    The labelled turns of one field on one corpus.

    Attributes:
        field, corpus: what.
        probabilities: float `[turns, field.logits]`, as `pixel.metrics.evaluate_field` takes them.
        targets: float `[turns, field.size]` (NaN unknown) or int `[turns]`.
        groups: `[turns]`, person, thread or conversation, prefixed with the source.
        lengths: int `[turns]`, words of the message.
        ids: `[turns]`, `source:row#turn`.
    """

    field: str
    corpus: str
    probabilities: np.ndarray
    targets: np.ndarray
    groups: np.ndarray
    lengths: np.ndarray
    ids: list[str]


def read_out(record: Mapping[str, Any], field: str) -> list[float] | None:
    """A field's values in a turn record, in the order of its names; `None` where the record has none."""
    found: Any = record
    for step in PLACES[field]:
        if step is not None:
            found = found.get(step) if isinstance(found, Mapping) else None
    if found is None:
        return None
    if isinstance(found, Mapping):
        names = FIELDS[field].names
        return [found[name] for name in names] if all(name in found for name in names) else None
    return list(found) if isinstance(found, Sequence) else [found]


def as_probabilities(field: str, values: np.ndarray) -> np.ndarray:
    """
    What a record shows, as the metrics take it.

    Args:
        field: name.
        values: float `[turns, field.size]`, from `read_out`.

    Returns:
        float `[turns, field.logits]`. For an ordinal field the probabilities of "at least level k"; where the model
        decides by the likeliest level (`pixel.metrics.operating_point.DECIDED`) they are 0 or 1.
    """
    if FIELDS[field].kind != "ordinal":
        return values
    if field in DECIDED:
        level = values.argmax(-1)
        return (level[:, None] >= np.arange(1, FIELDS[field].size)).astype(float)
    return np.clip(values[:, ::-1].cumsum(-1)[:, ::-1][:, 1:], 0.0, 1.0)


def labelled_turns(
    field: str, corpus: str, rows: Sequence[Mapping[str, Any]], records: Sequence[Sequence[Mapping[str, Any]]]
) -> Labelled | None:
    """
    The turns that have both a label and a read-out of a field; `None` where there are none.

    Args:
        field: name.
        corpus: name, for the ids.
        rows: of the schema.
        records: of `Context.readouts`, one list a row.
    """
    spec = FIELDS[field]
    values, targets, groups, lengths, ids = [], [], [], [], []
    for row, turns in zip(rows, records, strict=True):
        for index, label in enumerate(row.get(field) or ()):
            said = read_out(turns[index], field) if label is not None else None
            if said is None:
                continue
            values.append(said)
            if spec.is_vector:
                targets.append([np.nan if value is None else value for value in label])
            else:
                targets.append(label)
            groups.append(f"{corpus}:{row.get('group') or row['id']}")
            lengths.append(len(row["messages"][index]["content"].split()))
            ids.append(item_id(corpus, row["id"], index))
    if not values:
        return None
    return Labelled(
        field, corpus, as_probabilities(field, np.array(values, dtype=float)),
        np.array(targets, dtype=float if spec.is_vector else int), np.array(groups), np.array(lengths), ids,
    )  # fmt: skip
