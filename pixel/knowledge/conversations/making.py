"""Many conversations: chunks over processes, each kept when finished, so that a killed run goes on."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pixel.knowledge.conversations.generator import Settings, default_gates, make
from pixel.knowledge.conversations.grammar import banks
from pixel.knowledge.conversations.rewriting import ModelWriter
from pixel.knowledge.loading import Knowledge, knowledge

CHUNK, CHUNK_OF_MODEL = 100, 2
_STATE: dict[str, Any] = {}


@dataclass(frozen=True)
class Job:
    """What every process needs to know: settings, whether gates are asked, a model folder or `None`."""

    settings: Settings
    gated: bool = True
    model: str | None = None

    @property
    def fingerprint(self) -> str:
        """Of the settings and the grammar: what a row depends on besides its index and the knowledge base."""
        content = asdict(self)
        content["settings"]["dropped"] = sorted(self.settings.dropped)
        content["settings"]["weights"] = sorted(self.settings.weights.items())
        content["grammar"] = banks()
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]


def indices(count: int, shard: int = 0, shards: int = 1) -> list[int]:
    """The rows of one shard: every `shards`-th from `shard`."""
    return list(range(shard, count, shards))


def chunks(job: Job, rows: list[int], parts: Path, workers: int = 1) -> Iterator[tuple[Path, int]]:
    """
    Make rows chunk by chunk; each chunk is a JSON-lines file in `parts`, written whole or not at all. Chunks that are
    there already are not made again.

    Args:
        job: what to make.
        rows: indices.
        parts: folder for the chunks; its name should hold `job.fingerprint`.
        workers: processes. The rows do not depend on it.

    Yields:
        the file and the number of rows asked for, in order.
    """
    parts.mkdir(parents=True, exist_ok=True)
    size = CHUNK if job.model is None else CHUNK_OF_MODEL
    todo = [(parts / f"{place:05d}.jsonl", rows[place : place + size]) for place in range(0, len(rows), size)]
    if workers <= 1:
        for file, wanted in todo:
            yield _chunk(job, file, wanted), len(wanted)
        return
    with ProcessPoolExecutor(workers) as pool:
        waiting = [(pool.submit(_chunk, job, file, wanted), len(wanted)) for file, wanted in todo]
        for future, size in waiting:
            yield future.result(), size


def read_chunk(file: Path) -> Iterator[dict[str, Any]]:
    """What a chunk holds: `{"index", "row", "defects", "templates"}` a line."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def count_defects(files: list[Path]) -> Counter:
    """How often each kind of defect made a conversation be made anew."""
    return Counter(kind for file in files for made in read_chunk(file) for kind in made["defects"])


def _chunk(job: Job, file: Path, wanted: list[int]) -> Path:
    if file.is_file():
        return file
    base, gates, writer = _tools(job)
    lines = []
    for index in wanted:
        made = make(base, job.settings, index, gates, writer)
        lines.append(json.dumps({"index": index, "row": made.row, "defects": made.defects}, ensure_ascii=False))
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    fresh.replace(file)
    return file


def _tools(job: Job) -> tuple[Knowledge, list, ModelWriter | None]:
    """Knowledge, gates and model of this process, loaded once."""
    if _STATE.get("for") != job.fingerprint:
        gates = default_gates() if job.gated else []
        _STATE.update(
            {"for": job.fingerprint, "tools": (knowledge(), gates, ModelWriter(job.model) if job.model else None)}
        )
    return _STATE["tools"]
