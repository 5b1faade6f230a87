"""Whether the held-out conversations are fit to validate on: encoded like training, apart from it, labelled."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from datasets import Dataset

from pixel.models.labels import FIELDS
from pixel.monitoring.alerts import Alert


def check_held_out(train: Dataset, validation: Mapping[str, Dataset], max_length: int | None = None) -> dict[str, Any]:
    """
    Look through the held-out examples of every corpus.

    Args:
        train: all training examples, not packed.
        validation: corpus -> examples.
        max_length: tokens of a row.

    Returns:
        corpus -> `conversations`, `rows` (a long conversation is several: nothing is cut off), `split` (conversations
        of several rows), `longest` (tokens), `too_long` (rows above `max_length`), `labelled` (field -> turns),
        `shared_groups` and `shared_texts` (held-out groups, and rows of the same tokens, that training has too).
    """
    groups = set(train["group"]) if "group" in train.column_names and validation else set()
    texts = {mark for mark, _ in _marks(train)} if validation else set()
    return {corpus: _corpus(data, groups, texts, max_length) for corpus, data in validation.items()}


def _corpus(data: Dataset, groups: set, texts: set[int], max_length: int | None) -> dict[str, Any]:
    windows = Counter(zip(data["source"], data["row_id"], strict=True))
    marks = list(_marks(data))
    lengths = [length for _, length in marks]
    labelled = {}
    for name in FIELDS:
        if name in data.column_names:
            count = sum(_known(turn) for turns in data[name] if turns for turn in turns)
            if count:
                labelled[name] = count
    return {
        "conversations": len(windows),
        "rows": len(data),
        "split": sum(count > 1 for count in windows.values()),
        "longest": max(lengths, default=0),
        "too_long": sum(length > max_length for length in lengths) if max_length else 0,
        "labelled": labelled,
        "shared_groups": len(set(data["group"]) & groups),
        "shared_texts": sum(mark in texts for mark, _ in marks),
    }


def _known(turn: Any) -> bool:
    if isinstance(turn, list):
        return any(value is not None for value in turn)
    return turn is not None


def _marks(data: Dataset) -> Iterator[tuple[int, int]]:
    """Hash and length of the tokens of each row; a million rows take seconds."""
    for batch in data.select_columns("input_ids").with_format("numpy").iter(1000):
        for ids in batch["input_ids"]:
            yield hash(ids.astype("int64").tobytes()), len(ids)


def complaints(said: Mapping[str, Any], trained: Iterable[str] = ()) -> list[Alert]:
    """
    What a person should know of `check_held_out`, as alerts.

    Args:
        said: of `check_held_out`.
        trained: fields that are trained; those nobody labelled in any held-out conversation are named.
    """
    found = []
    for corpus, about in said.items():
        if about["shared_groups"]:
            message = (
                f"{corpus}: {about['shared_groups']} held-out groups (a person, a thread) are in training too, so its "
                "figures flatter. Mend: give both their `group`, and let `validation` split by it"
            )
            found.append(Alert("held_out_leak", "warning", 0, message, {"groups": about["shared_groups"]}))
        if about["shared_texts"]:
            message = (
                f"{corpus}: {about['shared_texts']} held-out conversations stand in training word for word. Mend: "
                "remove them from one side"
            )
            found.append(Alert("held_out_leak", "warning", 0, message, {"texts": about["shared_texts"]}))
    heard = {name for about in said.values() for name in about["labelled"]}
    silent = sorted(set(trained) - heard) if said else []
    if silent:
        message = f"no held-out turn is labelled for {', '.join(silent)}: validation says nothing of these"
        found.append(Alert("held_out_unlabelled", "info", 0, message))
    return found
