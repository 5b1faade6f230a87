"""The model that reads pasted conversations: loaded when first asked for, one at a time."""

import json
import re
import threading

from pixel.data.errors import ConversationError

MOST_TURNS, MOST_CHARACTERS = 200, 60_000
SPEAKERS = {
    "user": "user", "client": "user", "patient": "user", "person": "user", "assistant": "assistant",
    "therapist": "assistant", "counsellor": "assistant", "pixel": "assistant", "system": "system",
}  # fmt: skip
HOW = "write each turn as 'user: ...' or 'assistant: ...', or paste JSON with messages"


def parse(text: str) -> list[dict]:
    """
    A pasted conversation as messages.

    Args:
        text: lines that begin with a speaker and a colon (lines without one go on with the turn before), or JSON:
            `{"messages": [...]}` or the list itself.

    Raises:
        ConversationError: nothing there, too long, or a first line without a speaker.
    """
    text = text.strip()
    if not text:
        raise ConversationError("there is nothing to read", mend=HOW)
    if len(text) > MOST_CHARACTERS:
        raise ConversationError(f"{len(text)} characters are too many", mend=f"paste at most {MOST_CHARACTERS}")
    messages = _from_json(text) if text[0] in "[{" else _from_lines(text)
    if len(messages) > MOST_TURNS:
        raise ConversationError(f"{len(messages)} turns are too many", mend=f"paste at most {MOST_TURNS}")
    return messages


def _from_json(text: str) -> list[dict]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConversationError("is not JSON", row=error.lineno, mend=HOW) from None
    content = content.get("messages") if isinstance(content, dict) else content
    good = isinstance(content, list) and content and all(
        isinstance(m, dict) and m.get("role") in ("user", "assistant", "system") and isinstance(m.get("content"), str)
        and m["content"].strip() for m in content
    )  # fmt: skip
    if not good:
        raise ConversationError("needs messages of role and content", field="messages", mend=HOW)
    return [{"role": m["role"], "content": m["content"]} for m in content]


def _from_lines(text: str) -> list[dict]:
    messages: list[dict] = []
    for number, line in enumerate(text.splitlines(), start=1):
        found = re.match(r"\s*([A-Za-z]+)\s*:\s*(.*)", line)
        role = SPEAKERS.get(found[1].lower()) if found else None
        if role:
            messages.append({"role": role, "content": found[2]})
        elif messages:
            messages[-1]["content"] += f"\n{line}"
        elif line.strip():
            raise ConversationError("begins without a speaker", row=number, mend=HOW)
    messages = [m | {"content": m["content"].strip()} for m in messages]
    empty = next((number for number, m in enumerate(messages, start=1) if not m["content"]), None)
    if empty:
        raise ConversationError(f"turn {empty} has no words", mend="write them, or drop the turn")
    return messages


class Reader:
    """Reads with the model it was asked for last."""

    def __init__(self):
        self._lock, self._name, self._reader = threading.Lock(), None, None

    def read(self, model: str, messages: list[dict]) -> list[dict]:
        """
        Turn records of one conversation.

        Raises:
            ConversationError: longer than the model can read.
            ValueError, OSError: no such model, or one that reads nothing.
        """
        with self._lock:
            if self._name != model:
                self._name, self._reader = None, None
                self._reader, self._name = _load(model), model
            (records,) = self._reader.read([messages])
        if isinstance(records, ConversationError):
            raise records
        return records


def _load(model: str):
    from pixel.inference import ConversationReader, choose_device, shown_fields
    from pixel.training import ModelArguments, load_pixel

    device, dtype = choose_device("auto")
    tokenizer, network = load_pixel(ModelArguments(model_name_or_path=model), dtype=dtype)
    network.eval().to(device)
    return ConversationReader(network, tokenizer, fields=shown_fields(network.config))
