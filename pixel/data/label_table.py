"""One label column as plain arrays: what is labelled, in which row, with what."""

from typing import NamedTuple

import numpy as np


class LabelTable(NamedTuple):
    """
    The labelled turns of a column.

    Attributes:
        rows: int `[labelled turns]`, the row of each.
        values: float64 `[labelled turns, size]`, NaN for an unknown dimension; size 1 for class ids and tokens.
    """

    rows: np.ndarray
    values: np.ndarray


def label_table(dataset, name: str) -> LabelTable:
    """
    Read a column of lists (a number a turn, or a list of numbers a turn) without making Python objects of it.

    Turns that nobody labelled, or of which every dimension is unknown, are left out.

    Args:
        dataset: a `datasets.Dataset`.
        name: of the column.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = dataset.select_columns([name]).with_format("arrow")[:][name].combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    rows = pc.list_parent_indices(column).to_numpy(zero_copy_only=False)
    turns = pc.list_flatten(column)
    given = turns.is_valid().to_numpy(zero_copy_only=False)
    rows, turns = rows[given], turns.drop_null()
    if pa.types.is_list(turns.type) or pa.types.is_large_list(turns.type):
        flat = pc.list_flatten(turns).to_numpy(zero_copy_only=False).astype(np.float64)
        values = flat.reshape(len(turns), len(flat) // max(len(turns), 1))
    else:
        values = turns.to_numpy(zero_copy_only=False).astype(np.float64).reshape(-1, 1)
    known = ~np.isnan(values).all(1)
    return LabelTable(rows[known].astype(np.int64), values[known])
