"""A hash of what a dataset says, whatever the order of its rows."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any


def rows_hash(rows: Iterable[Mapping[str, Any]]) -> str:
    """
    SHA-256 over the content of conversations or examples.

    Each row is hashed as JSON and the hashes are sorted, so that a shuffle does not change it and a changed, missing
    or repeated row does.

    Example:
        >>> one, other = {"id": "a", "n": 1}, {"n": 2, "id": "b"}
        >>> rows_hash([one, other]) == rows_hash([other, one]), rows_hash([one, one]) == rows_hash([one])
        (True, False)
    """
    marks = sorted(
        hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).digest()
        for row in rows
    )
    total = hashlib.sha256()
    for mark in marks:
        total.update(mark)
    return total.hexdigest()


def content_hash(dataset) -> str:
    """`rows_hash` of a `datasets.Dataset`, all columns."""
    return rows_hash(row for batch in dataset.with_format("arrow").iter(1000) for row in batch.to_pylist())
