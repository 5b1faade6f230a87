"""What a reviewer is shown of a checkpoint: ids, roles and read-outs; text only where that was allowed by name."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from pixel.data.schema import ROLES
from pixel.models.readouts import turn_record
from pixel.training.probe_set import ReadConversation


class ReviewText:
    """
    The text of rows that may be shown.

    Args:
        rows: of Pixel's schema; only the allowed ones are kept.
        allow: licences (whole names, in any case), row ids (`ID` or `SOURCE:ID`). Nothing named, nothing shown.

    Example:
        >>> row = {"id": "7", "source": "seed", "licence": "CC0-1.0", "messages": [{"role": "user", "content": "Hi"}]}
        >>> ReviewText([row], allow=["cc0-1.0"]).of("seed", "7"), ReviewText([row], allow=["CC0"]).of("seed", "7")
        (['Hi'], None)
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]], allow: Collection[str]):
        allowed, licences = {*allow}, {name.lower() for name in allow}
        self._texts: dict[str, list[str]] = {}
        for row in rows:
            key = f"{row.get('source')}:{row.get('id')}"
            if key in allowed or row.get("id") in allowed or (row.get("licence") or "").lower() in licences:
                self._texts[key] = [message["content"] for message in row["messages"]]

    @classmethod
    def of_examples(cls, examples: Iterable[Mapping[str, Any]], tokenizer, sources: Collection[str]) -> "ReviewText":
        """
        The text of encoded examples, written out again.

        Args:
            examples: of `pixel.data.examples.encode_dataset`.
            tokenizer: that encoded them.
            sources: corpora whose words may be shown.

        Raises:
            ValueError: `sources` is no list of names.
        """
        if isinstance(sources, str) or not all(isinstance(name, str) for name in sources):
            raise ValueError("show: give a list of corpora")
        made, texts = cls((), ()), {}
        for row in examples:
            if row["source"] in sources:
                said = texts.setdefault(f"{row['source']}:{row['row_id']}", {})
                for turn, (first, last) in zip(row["turn_index"], row["turn_spans"], strict=True):
                    ids = row["input_ids"][first : last + 1]
                    said.setdefault(turn, tokenizer.decode(ids, skip_special_tokens=True).strip())
        made._texts = {key: [said.get(turn, "") for turn in range(max(said) + 1)] for key, said in texts.items()}
        return made

    def of(self, source: str, row_id: str) -> list[str] | None:
        """The row's messages, or `None` where they are not to be shown."""
        return self._texts.get(f"{source}:{row_id}")


def review_conversations(
    conversations: Sequence[ReadConversation],
    count: int,
    *,
    fields: Sequence[str] | None = None,
    offsets: Mapping[str, list[float]] | None = None,
    text: ReviewText | None = None,
    turn_index: Sequence[Sequence[int]] | None = None,
) -> list[dict[str, Any]]:
    """
    `count` conversations, spread evenly over the probe set and the same each time, as JSON.

    Args:
        conversations: as read.
        count: at most.
        fields: heads to show (those that are trained); `None`: all.
        offsets: `PixelConfig.offsets`.
        text: which rows' words may be shown; `None`: no row's.
        turn_index: for each conversation the message number of each turn; without it words are shown only where a
            conversation has as many turns as its row has messages.

    Returns:
        `{"row_id", "source", "turns": [{"role", "readouts", "text"?}]}` each; `readouts` as `turn_record` gives them,
        with `None` for what is no number: a network that has diverged is what reviewers must hear of.
    """
    if not conversations:
        return []
    chosen = np.unique(np.linspace(0, len(conversations) - 1, min(count, len(conversations))).round().astype(int))
    shown = []
    for number in chosen.tolist():
        conversation = conversations[number]
        names = [name for name in conversation.logits if fields is None or name in fields]
        words = text.of(conversation.source, conversation.row_id) if text is not None else None
        places = list(turn_index[number]) if turn_index is not None else list(range(len(conversation.roles)))
        if words is not None and (
            max(places, default=0) >= len(words) or (turn_index is None and len(words) != len(places))
        ):
            words = None
        turns = []
        for turn, role in enumerate(conversation.roles):
            logits = {name: torch.as_tensor(conversation.logits[name][turn]) for name in names}
            entry = {"role": ROLES[role], "readouts": _finite(turn_record(logits, names, dict(offsets or {})))}
            turns.append(entry | ({"text": words[places[turn]]} if words is not None else {}))
        shown.append({"row_id": conversation.row_id, "source": conversation.source, "turns": turns})
    return shown


def _finite(record: Any) -> Any:
    """A record in which `NaN` and infinities, which JSON has none of, are `None`."""
    if isinstance(record, Mapping):
        return {name: _finite(value) for name, value in record.items()}
    if isinstance(record, list):
        return [_finite(value) for value in record]
    return None if isinstance(record, float) and not math.isfinite(record) else record
