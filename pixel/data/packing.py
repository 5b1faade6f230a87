"""Several conversations in one row, each seeing only itself, turn labels and all."""

from collections.abc import Mapping, Sequence
from typing import Any

from pixel.models.labels import FIELDS


def best_fit(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """
    Put items into as few bins as best-fit decreasing finds.

    Args:
        lengths: of the items; one longer than `capacity` gets a bin of its own.
        capacity: of a bin.

    Returns:
        lists of item indices; every index stands in exactly one of them.
    """
    import bisect

    bins: list[list[int]] = []
    free: list[tuple[int, int]] = []  # (room left, bin), sorted
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        place = bisect.bisect_left(free, (lengths[index], -1))
        if place == len(free):
            bins.append([index])
            room, which = capacity - lengths[index], len(bins) - 1
        else:
            room, which = free.pop(place)
            bins[which].append(index)
            room -= lengths[index]
        if room > 0:
            bisect.insort(free, (room, which))
    return bins


def pack_examples(examples: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """
    Join examples into one.

    Positions restart with each conversation (which is how attention tells them apart), spans move along, and
    `turn_mask` numbers the conversations 1, 2, ... so that heads that look at earlier turns stay inside their own.
    """
    fields = [name for name in FIELDS if any(example.get(name) is not None for example in examples)]
    packed: dict[str, Any] = {
        name: [] for name in ("input_ids", "labels", "position_ids", "turn_spans", "turn_mask", "turn_roles", *fields)
    }
    for number, example in enumerate(examples, start=1):
        offset = len(packed["input_ids"])
        for name in ("input_ids", "labels", "position_ids"):
            packed[name] += example[name]
        packed["turn_spans"] += [[first + offset, last + offset] for first, last in example["turn_spans"]]
        packed["turn_mask"] += [number] * len(example["turn_spans"])
        packed["turn_roles"] += example["turn_roles"]
        for name in fields:
            packed[name] += example.get(name) or [None] * len(example["turn_spans"])
    return packed


def pack_dataset(dataset, max_length: int, *, seed: int = 0, chunk: int = 2000):
    """
    Pack a `Dataset` of examples into rows of at most `max_length` tokens.

    Rows are shuffled first and packed a chunk at a time, so that a bin mixes sources and the packing stays linear.

    Returns:
        a `Dataset` with the columns of `pack_examples`.
    """
    shuffled = dataset.shuffle(seed=seed)
    drop = [name for name in ("row_id", "source", "group", "difficulty", "turn_index") if name in dataset.column_names]
    keep = [name for name in dataset.column_names if name not in drop]

    def pack(batch: dict[str, list]) -> dict[str, list]:
        rows = [dict(zip(batch, values, strict=True)) for values in zip(*batch.values(), strict=True)]
        bins = best_fit([len(row["input_ids"]) for row in rows], max_length)
        packed = [pack_examples([rows[index] for index in members]) for members in bins]
        return {name: [row.get(name) for row in packed] for name in keep}

    features = dataset.features.copy()
    for name in drop:
        features.pop(name)
    return shuffled.map(
        pack, batched=True, batch_size=chunk, remove_columns=drop, features=features, desc="Packing conversations"
    )


def pack_kinds(dataset, max_length: int, *, seed: int = 0):
    """As `pack_dataset`, with conversations that have a word to learn apart from those that are only read."""
    from datasets import concatenate_datasets

    learned = [any(token != -100 for token in labels) for labels in dataset["labels"]]
    kinds = [[i for i, has in enumerate(learned) if has is kind] for kind in (True, False)]
    return concatenate_datasets([pack_dataset(dataset.select(rows), max_length, seed=seed) for rows in kinds if rows])
