"""From schema rows to training examples: tokens, language labels, turn spans, and the turns' labels."""

from collections.abc import Iterator, Mapping
from typing import Any

from pixel.data.example_cache import ExampleCache
from pixel.data.rendering import render
from pixel.data.schema import ROLES, validate
from pixel.data.windows import windows
from pixel.models.labels import FIELDS

IGNORE = -100


def encode_row(row: Mapping[str, Any], tokenizer, max_length: int, *, file=None, number=None) -> Iterator[dict]:
    """
    Encode one conversation as one example, or several if it is longer than `max_length`.

    Args:
        row: of the schema; label columns may be absent.
        tokenizer: fast, with a chat template.
        max_length: in tokens.
        file, number: for error messages.

    Yields:
        `input_ids`, `labels` (the assistant's words where the model learns them, -100 elsewhere), `position_ids`,
        `turn_spans` (first and last content token), `turn_mask` (1 a turn), `turn_roles` (index into `ROLES`),
        `turn_index` (the message's number), `row_id`, `source`, `group` (prefixed with the source), `difficulty` (its
        author's, if given), and each label field that has a label: one entry a turn, `None` where unknown.

    Raises:
        ConversationError: see `pixel.data.schema.validate`.
    """
    validate(row, file=file, number=number)
    messages = row["messages"]
    ids, blocks = render(tokenizer, messages, row=row.get("id"))
    learn = row.get("learn") or [None] * len(messages)
    labelled = [name for name in FIELDS if row.get(name) is not None]
    taught = _taught(messages, learn, blocks, len(ids))
    for window in windows(blocks, [message["role"] for message in messages], max_length):
        labels = [ids[token] if taught[token] in window.fresh else IGNORE for token in window.tokens]
        labels[:1] = [IGNORE] * len(labels[:1])  # nothing comes before it
        example = {
            "input_ids": [ids[token] for token in window.tokens],
            "labels": labels,
            "position_ids": list(range(len(window.tokens))),
            "turn_spans": [[first, last] for _, first, last in window.turns],
            "turn_mask": [1] * len(window.turns),
            "turn_roles": [ROLES.index(messages[index]["role"]) for index, _, _ in window.turns],
            "turn_index": [index for index, _, _ in window.turns],
            "row_id": row.get("id"),
            "source": row.get("source"),
            "group": f"{row.get('source')}:{row.get('group') or row.get('id')}",
            "difficulty": row.get("difficulty"),
        }
        for name in labelled:
            example[name] = [row[name][index] if index in window.fresh else None for index in example["turn_index"]]
        yield example


def _taught(messages, learn, blocks, count: int) -> list[int]:
    """For each token the number of the message whose words it teaches, -1 where it teaches none."""
    taught = [-1] * count
    for index, (message, wish, block) in enumerate(zip(messages, learn, blocks, strict=True)):
        if wish if wish is not None else message["role"] == "assistant":
            taught[block.content : block.close] = [index] * (block.close - block.content)
    return taught


def encode_dataset(dataset, tokenizer, max_length: int, *, name: str = "", num_proc: int | None = None):
    """
    Encode a `datasets.Dataset` of conversations; fields that nobody labelled are dropped.

    What was encoded once is taken from `pixel.data.example_cache`.

    Returns:
        a `Dataset` of examples (see `encode_row`).

    Raises:
        ConversationError: a bad row, named.
    """
    from datasets import Features, List, Value

    cache = ExampleCache()
    key = cache.key(dataset, tokenizer, max_length, name) if len(dataset) >= cache.least_rows else None
    if key is not None and (kept := cache.get(key)) is not None:
        return kept

    present = [
        field for field in FIELDS if field in dataset.column_names and any(x is not None for x in dataset[field])
    ]
    number = Value("int32")
    columns: dict[str, Any] = {
        "input_ids": List(number),
        "labels": List(number),
        "position_ids": List(number),
        "turn_spans": List(List(number)),
        "turn_mask": List(number),
        "turn_roles": List(number),
        "turn_index": List(number),
        "row_id": Value("string"),
        "source": Value("string"),
        "group": Value("string"),
        "difficulty": Value("float32"),
    }
    for field in present:
        columns[field] = List(List(Value("float32")) if FIELDS[field].is_vector else number)

    def encode(batch: dict[str, list], indices: list[int]) -> dict[str, list]:
        out: dict[str, list] = {column: [] for column in columns}
        for place, index in enumerate(indices):
            row = {column: values[place] for column, values in batch.items()}
            for example in encode_row(row, tokenizer, max_length, file=name or None, number=index):
                for column in columns:
                    out[column].append(example.get(column))
        return out

    encoded = dataset.map(
        encode,
        batched=True,
        with_indices=True,
        remove_columns=dataset.column_names,
        features=Features(columns),
        num_proc=num_proc,
        desc=f"Tokenising {name}".strip(),
    )
    if key is not None:
        cache.put(key, encoded)
    return encoded
