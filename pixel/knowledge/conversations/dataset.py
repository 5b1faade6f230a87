"""From finished chunks to a dataset folder: parquet in the schema's columns and three more, card, statistics."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pixel.data.builder import Corpus
from pixel.data.dataset_card import Counts, dataset_card
from pixel.data.deidentify import deidentify_row
from pixel.data.splits import TRAIN, VALIDATION, side
from pixel.knowledge.conversations.generator import LICENCE, SOURCE

BATCH = 500
EXTRA = ("rationale", "category", "scenario")
_WORD = re.compile(r"\w+(?:['’]\w+)*")

CORPUS = Corpus(
    name=SOURCE,
    folder="",
    files=("pixel/knowledge/data", "pixel/knowledge/conversations/grammar"),
    licence=LICENCE,
    homepage="pixel/knowledge/conversations",
    citation="the project itself",
    title="Pixel: generated conversations",
    mapping=(
        "Nobody labelled these turns: every label is what the plan of the conversation says. `dsm` stands on a "
        "client's turn once half of the criteria in the plan are told; it means that a clinician would consider the "
        "category, and is never a diagnosis. `risk` stands only where the script asks or tells of suicide. "
        "`rationale` holds, a turn, a JSON string with ids of the knowledge base: symptoms and criteria told or asked "
        "about, technique, phase, goal. `scenario` is a JSON string with everything fixed beforehand; `category` its "
        "categories."
    ),
    limits=(
        "Made by a grammar (or by a small model on the grammar's plan). No clinician has validated a sentence.",
        "Clients get better faster, and say things more neatly, than people do. English only.",
        "Everyone in it is made up. Not for use with people in distress.",
    ),
)


def columns() -> Any:
    """The schema's features with `rationale` (per turn), `category` (a list) and `scenario` (a string)."""
    from datasets import List, Value

    from pixel.data.schema import features

    found = features()
    found["rationale"] = List(Value("string"))
    found["category"] = List(Value("string"))
    found["scenario"] = Value("string")
    return found


def as_columns(row: dict[str, Any]) -> dict[str, Any]:
    """A generated row with mappings as JSON strings, its text de-identified like every corpus's."""
    row = deidentify_row(row)
    row["rationale"] = [json.dumps(reason, ensure_ascii=False) if reason else None for reason in row["rationale"]]
    row["scenario"] = json.dumps(row["scenario"], ensure_ascii=False, sort_keys=True)
    return row


class Statistics:
    """Counts while the rows go by: techniques by phase, people, categories, words; distinct runs of words."""

    def __init__(self):
        self.rows, self.turns, self.words = 0, 0, 0
        self.counts: dict[str, Counter] = {}
        self.runs: dict[int, set] = {1: set(), 2: set(), 3: set()}
        self.total: Counter = Counter()

    def add(self, row: dict[str, Any]) -> None:
        """Count one row, before `as_columns`."""
        from pixel.models.labels_clinical import INTERVENTIONS

        self.rows += 1
        plan = row["scenario"]
        for name in ("modality", "level", "severity", "risk"):
            self._count(name, str(plan[name]))
        for name in ("gender", "band", "culture", "family", "style", "attachment", "defence"):
            self._count(name, str(plan["person"][name]))
        for name in row["category"]:
            self._count("category", name)
        for place, message in enumerate(row["messages"]):
            reason = row["rationale"][place] or {}
            if message["role"] == "assistant":
                for name, value in zip(INTERVENTIONS, (row["intervention"] or [])[place] or (), strict=False):
                    if value:
                        self._count("intervention", name)
                if "technique" in reason:
                    self._count("technique", reason["technique"].removeprefix("modalities/"))
            words = _WORD.findall(message["content"].lower())
            self.turns, self.words = self.turns + 1, self.words + len(words)
            if self.rows <= 2000:  # distinct-n falls with size, so it is measured on a fixed number
                for size, seen in self.runs.items():
                    grams = list(zip(*(words[shift:] for shift in range(size)), strict=False))
                    seen.update(map(hash, grams))
                    self.total[size] += len(grams)

    def _count(self, name: str, value: str) -> None:
        self.counts.setdefault(name, Counter())[value] += 1

    def record(self) -> dict[str, Any]:
        """Plain values, largest counts first."""
        return {
            "conversations": self.rows,
            "turns": self.turns,
            "words": self.words,
            "distinct": {
                f"distinct-{n}": round(len(seen) / max(1, self.total[n]), 4) for n, seen in self.runs.items()
            },
            **{name: dict(counter.most_common()) for name, counter in self.counts.items()},
        }


def write(rows: Iterable[dict[str, Any]], folder: Path, *, shard: int = 0, shards: int = 1, validation: float = 0.05,
          seed: int = 0) -> tuple[dict[str, Counts], Statistics]:  # fmt: skip
    """
    Write rows to `folder/data/SPLIT-SHARD-of-SHARDS.parquet`, each file whole or not at all.

    Args:
        rows: as the generator makes them.
        folder: of the dataset.
        shard, shards: part of the file names.
        validation, seed: share of scenarios for validation, chosen by hash of the group.
    """
    from pyarrow import Table
    from pyarrow.parquet import ParquetWriter

    schema = columns().arrow_schema
    (folder / "data").mkdir(parents=True, exist_ok=True)
    counts: dict[str, Counts] = {}
    statistics = Statistics()
    writers: dict[str, ParquetWriter] = {}
    names = {split: folder / "data" / f"{split}-{shard:05d}-of-{shards:05d}.parquet" for split in (TRAIN, VALIDATION)}
    for batch in _batches(rows):
        split_rows: dict[str, list] = {}
        for row in batch:
            statistics.add(row)
            split = side(row["group"], validation, seed)
            kept = as_columns(row)
            counts.setdefault(split, Counts()).add(kept)
            split_rows.setdefault(split, []).append(kept)
        for split, some in split_rows.items():
            if split not in writers:
                writers[split] = ParquetWriter(names[split].with_suffix(".part"), schema)
            writers[split].write_table(Table.from_pylist(some, schema=schema))
    for split, writer in writers.items():
        writer.close()
        names[split].with_suffix(".part").replace(names[split])
    return counts, statistics


def card(counts: dict[str, Counts], how: str) -> str:
    """The README of the set."""
    order = {name: counts[name] for name in (TRAIN, VALIDATION) if name in counts}
    text = dataset_card(CORPUS, order, deidentified=True, how_split=how)
    return text.replace(
        "- Labels are those of the corpus's annotators, carried over by the mapping above and no better than it.",
        "- Labels are the plan's, not an annotator's.",
    )


def recount(folder: Path) -> tuple[dict[str, Counts], Statistics]:
    """Counts over every shard's files, from what they hold."""
    from pyarrow.parquet import ParquetFile

    counts: dict[str, Counts] = {}
    statistics = Statistics()
    for file in sorted((folder / "data").glob("*.parquet")):
        for batch in ParquetFile(file).iter_batches(BATCH):
            for row in batch.to_pylist():
                counts.setdefault(file.name.split("-")[0], Counts()).add(row)
                reasons = [json.loads(reason) if reason else {} for reason in row["rationale"]]
                statistics.add({**row, "rationale": reasons, "scenario": json.loads(row["scenario"])})
    return counts, statistics


def complete(folder: Path, shards: int) -> bool:
    """Whether every shard has written its statistics."""
    return len(list(folder.glob(f"stats-*-of-{shards:05d}.json"))) == shards


def push(folder: Path, hub_id: str, private: bool = True) -> None:
    """Upload data, card and statistics to a dataset repository on the Hub, the card last."""
    from huggingface_hub import HfApi

    hub = HfApi()
    hub.create_repo(hub_id, repo_type="dataset", private=private, exist_ok=True)
    hub.upload_folder(
        folder_path=folder, repo_id=hub_id, repo_type="dataset", allow_patterns=["data/*", "stats*.json"]
    )
    hub.upload_file(
        path_or_fileobj=folder / "README.md", path_in_repo="README.md", repo_id=hub_id, repo_type="dataset"
    )


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
