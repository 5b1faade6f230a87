"""`segments.parquet`: the rows of `segments.jsonl`, with measurements as columns of their own."""

import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

ROWS = 5000
"""A row group; memory holds one."""


def write_parquet(lines: Path, path: Path) -> None:
    """
    Args:
        lines: rows of segments, JSON lines.
        path: the file to make, whole or not at all. Columns are those of a row; every measurement `NAME` of its
            `quality` becomes `quality_NAME`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    measured = sorted({name for row in _rows(lines) for name in row["quality"]})
    schema = _schema(measured)
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as out:
        with pq.ParquetWriter(out, schema, compression="zstd") as writer:
            rows = (_flat(row) for row in _rows(lines))
            while chunk := list(islice(rows, ROWS)):
                writer.write_table(pa.Table.from_pylist(chunk, schema=schema))
        out.flush()
        os.fsync(out.fileno())
    os.replace(partial, path)


def _rows(lines: Path) -> Iterator[dict[str, Any]]:
    with lines.open(encoding="utf-8") as text:
        for line in text:
            yield json.loads(line)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return row | {f"quality_{name}": value for name, value in row["quality"].items()}


def _schema(measured: list[str]):
    import pyarrow as pa

    word = pa.struct([("text", pa.string()), *((name, pa.float64()) for name in ("start", "end", "probability"))])
    number = ("start", "end", "language_probability", "mean_logprob", "no_speech", "compression_ratio", "temperature")
    return pa.schema(
        [(name, pa.string()) for name in ("id", "file", "text", "language", "speaker")]
        + [(name, pa.float64()) for name in (*number, "agreement", "word_probability")]
        + [("flags", pa.list_(pa.string())), ("words", pa.list_(word))]
        + [(f"quality_{name}", pa.float64()) for name in measured]
    )
