"""What a conversation is: one row, its messages, and a label per turn wherever somebody labelled it."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pixel.data.encoding import encode_label
from pixel.data.errors import ConversationError
from pixel.models.labels import FIELDS

if TYPE_CHECKING:
    from datasets import Features

ROLES = ("system", "user", "assistant")
META = ("id", "source", "licence", "group", "difficulty")
COLUMNS = (*META, "messages", "learn", *FIELDS)


def features() -> "Features":
    """
    The columns of every Pixel dataset.

    `id`, `source`, `licence`, `group` (the person or thread, so that no one is on both sides of a split), `difficulty`
    in [0, 1] or null, `messages`, `learn` (per turn: whether the language model learns to say it; null means every
    assistant turn), and one column a label field: a list as long as `messages`, null where nobody labelled the turn.
    """
    from datasets import Features, List, Value

    columns: dict[str, Any] = {name: Value("string") for name in META[:-1]}
    columns["difficulty"] = Value("float32")
    columns["messages"] = List({"role": Value("string"), "content": Value("string")})
    columns["learn"] = List(Value("bool"))
    for name, field in FIELDS.items():
        columns[name] = List(List(Value("float32")) if field.is_vector else Value("int32"))
    return Features(columns)


def conversation(
    messages: Iterable[Mapping[str, str]],
    *,
    id: str,
    source: str,
    licence: str,
    group: str | None = None,
    difficulty: float | None = None,
    learn: Iterable[bool | None] | bool | None = None,
    **labels: Iterable[Any] | None,
) -> dict[str, Any]:
    """
    Build a row of the schema from messages and labels as people write them (see `encode_label`).

    Args:
        messages: `{"role", "content"}` each.
        id: unique within its source.
        source: corpus name.
        licence: SPDX name, or words where no licence was given.
        group: person or thread; defaults to `id`.
        difficulty: in [0, 1].
        learn: one flag a turn, one for all, or `None`: the model learns the assistant's turns.
        labels: field name -> one label a turn, `None` where nobody labelled it.

    Raises:
        ConversationError: empty, unknown role, labels not as long as messages, label unknown or out of range.
    """
    messages = [{"role": message.get("role"), "content": message.get("content")} for message in messages]
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {"id": id, "source": source, "licence": licence, "group": group or id, "difficulty": difficulty}
    row["messages"] = messages
    if learn is not None:
        row["learn"] = [learn] * len(messages) if isinstance(learn, bool) else list(learn)
    for name, per_turn in labels.items():
        if name not in FIELDS:
            raise ConversationError("no such label field", row=id, field=name, mend=f"use one of: {', '.join(FIELDS)}")
        if per_turn is not None:
            try:
                encoded = [encode_label(name, label) for label in per_turn]
            except ConversationError as error:
                raise error.at(row=id) from None
            row[name] = encoded if any(label is not None for label in encoded) else None
    validate(row)
    return row


def validate(row: Mapping[str, Any], *, file: Any = None, number: Any = None) -> None:
    """
    Check one row against the schema.

    Raises:
        ConversationError: names the file, the row, the field and the mend.
    """
    place = {"file": file, "row": number if number is not None else row.get("id")}
    messages = row.get("messages")
    if messages is None:
        raise ConversationError("is missing", **place, field="messages", mend="give a list of {role, content}")
    if not isinstance(messages, list) or not messages:
        raise ConversationError("the conversation is empty", **place, field="messages", mend="drop it or add messages")
    for index, message in enumerate(messages):
        if not isinstance(message, Mapping) or message.get("role") not in ROLES:
            role = message.get("role") if isinstance(message, Mapping) else message
            raise ConversationError(
                f"message {index} has the unknown role {role!r}",
                **place, field="messages", mend=f"use one of: {', '.join(ROLES)}",
            )  # fmt: skip
        if not isinstance(message.get("content"), str) or not message["content"].strip():
            raise ConversationError(
                f"message {index} has no text", **place, field="messages", mend="drop the message or write its content"
            )
    for name in ("learn", *FIELDS):
        per_turn = row.get(name)
        if per_turn is None:
            continue
        if not isinstance(per_turn, list) or len(per_turn) != len(messages):
            count = len(per_turn) if isinstance(per_turn, list) else type(per_turn).__name__
            raise ConversationError(
                f"has {count} labels for {len(messages)} messages",
                **place, field=name, mend="give one label a message, null where there is none",
            )  # fmt: skip
        if name != "learn":
            try:
                for label in per_turn:
                    encode_label(name, label)
            except ConversationError as error:
                raise error.at(**place) from None
