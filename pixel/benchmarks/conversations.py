"""Conversations for measurements: rows where every objective has a label, cut to one length."""

from collections.abc import Sequence
from typing import Any

from datasets import Dataset

from pixel.data.examples import IGNORE, encode_dataset
from pixel.data.seed import load_seed
from pixel.models.labels import FIELDS, OBJECTIVES


def objectives_labelled(example: dict[str, Any]) -> set[str]:
    """The objectives that an example holds a label (or a token to learn) for."""
    found = {
        FIELDS[name].objective
        for name in FIELDS
        if example.get(name) is not None and any(label is not None for label in example[name])
    }
    return found | ({"language"} if any(token != IGNORE for token in example["labels"]) else set())


def labelled_examples(tokenizer, length: int, count: int, seed: int = 0) -> Dataset:
    """
    Windows of the seed corpus in which all five objectives have a label, the fullest ones, shuffled.

    Args:
        tokenizer: of the model.
        length: most tokens of a window.
        count: how many are needed; fewer come back where the corpus has fewer.
        seed: of the shuffle.

    Raises:
        ValueError: no window holds a label for every objective.
    """
    examples = encode_dataset(load_seed(0.0)["train"], tokenizer, length, name="seed")
    whole = [index for index, example in enumerate(examples) if objectives_labelled(example) == set(OBJECTIVES)]
    if not whole:
        raise ValueError(f"no window of {length} tokens holds a label for every objective; take a longer length")
    sizes = [len(ids) for ids in examples["input_ids"]]
    fullest = sorted(whole, key=lambda index: -sizes[index])[:count]
    return examples.select(fullest).shuffle(seed=seed)


def batches_of(examples: Dataset, batch_size: int, count: int) -> list[list[dict[str, Any]]]:
    """`count` batches of rows, in order, starting over where the examples run out."""
    rows = list(examples)
    return [
        [rows[(number * batch_size + place) % len(rows)] for place in range(batch_size)] for number in range(count)
    ]


def tokens_in(batch: Sequence[dict[str, Any]]) -> int:
    """Real tokens of a batch, padding not counted."""
    return sum(len(row["input_ids"]) for row in batch)
