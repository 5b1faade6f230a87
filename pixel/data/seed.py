"""The seed corpus that ships with Pixel: hand-written conversations, labelled by their writers."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixel.data.errors import ConversationError
from pixel.data.schema import conversation
from pixel.data.splits import group_split
from pixel.models.labels import FIELDS

if TYPE_CHECKING:
    from datasets import DatasetDict

SEED_FOLDER = Path(__file__).with_name("seed")
LICENCE = "Apache-2.0"
_CONVERSATION_KEYS = {"id", "about", "difficulty", "learn", "turns"}


def seed_rows(folder: Path = SEED_FOLDER) -> Iterator[dict[str, Any]]:
    """
    The conversations of every YAML file in a folder, as rows of the schema (see `seed/README.md` for the format).

    Raises:
        ConversationError: broken YAML, unknown key or label, repeated id; names the file and the conversation.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    seen: set[str] = set()
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise ConversationError("holds no .yaml file", file=folder, mend="reinstall Pixel or name another folder")
    for file in files:
        try:
            items = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)
        except yaml.YAMLError as error:
            problem = " ".join(str(error).split())
            raise ConversationError(f"is not YAML ({problem})", file=file.name, mend="fix the line named") from error
        if not isinstance(items, list):
            raise ConversationError("is not a list of conversations", file=file.name, mend="start each with '- id:'")
        for item in items:
            try:
                row = _row(item)
            except ConversationError as error:
                raise error.at(file=file.name) from None
            if row["id"] in seen:
                raise ConversationError("this id is taken", file=file.name, row=row["id"], mend="give it another")
            seen.add(row["id"])
            yield row


def _row(item: dict[str, Any]) -> dict[str, Any]:
    name = item.get("id")
    unknown = set(item) - _CONVERSATION_KEYS
    if unknown or not name:
        key = sorted(unknown)[0] if unknown else "id"
        raise ConversationError(
            "unknown key" if unknown else "is missing", row=name, field=key, mend=f"use {sorted(_CONVERSATION_KEYS)}"
        )
    messages, learn = [], []
    labels: dict[str, list] = {field: [] for field in FIELDS}
    for number, turn in enumerate(item.get("turns") or []):
        role = "user" if "user" in turn else "assistant"
        unknown = set(turn) - {"user", "assistant", "learn", *FIELDS}
        if unknown:
            raise ConversationError(
                f"turn {number} has an unknown key", row=name, field=sorted(unknown)[0], mend="see labels.py"
            )
        messages.append({"role": role, "content": turn.get(role)})
        learn.append(turn.get("learn", item.get("learn")))
        for field in FIELDS:
            labels[field].append(turn.get(field))
    return conversation(
        messages,
        id=name,
        source="seed",
        licence=LICENCE,
        difficulty=item.get("difficulty"),
        learn=learn if any(flag is not None for flag in learn) else None,
        **labels,
    )


def load_seed(validation: float = 0.1, seed: int = 0) -> "DatasetDict":
    """The seed corpus as `train` and `validation`."""
    from datasets import Dataset

    from pixel.data.schema import features

    return group_split(Dataset.from_list(list(seed_rows()), features=features()), validation, seed)
