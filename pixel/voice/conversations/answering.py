"""Answers to messages in a voice: the safety guide's in a crisis, else the best candidate that passes the gate."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pixel.data.errors import ConversationError
from pixel.data.json_lines import json_object, numbered_lines, row_id
from pixel.inference.conversations import checked_messages
from pixel.voice.conversations.replies import Voice, whole
from pixel.voice.conversations.therapeutic import TherapeuticGate


def message_rows(file: str | Path) -> Iterator[tuple[str | int, list[dict[str, str]]]]:
    """
    Messages to be answered, `{"id", "message"}` or `{"id", "messages": [{"role", "content"}, ...]}` a line.

    Yields:
        id, and messages from the first user's to the last user's, who take turns with the assistant. System messages
        are left out (the voice's own prompt stands there), and so is what an assistant says before the first user.

    Raises:
        ConversationError: no such file, or the first row that cannot be answered; names file, row and field.
    """
    for number, line in numbered_lines(file):
        try:
            row = json_object(line)
            yield row_id(row, "message"), _asked(row)
        except ConversationError as error:
            raise error.at(file=Path(file), row=number) from None


def _asked(row: Mapping[str, Any]) -> list[dict[str, str]]:
    if ("message" in row) == ("messages" in row):
        problem = "stands beside 'messages'" if "message" in row else "is missing"
        raise ConversationError(problem, field="message", mend='give either "message" or "messages"')
    if "message" in row:
        if not isinstance(row["message"], str) or not row["message"].strip():
            raise ConversationError("is no text", field="message", mend="write what the user says")
        return checked_messages({"messages": [{"role": "user", "content": row["message"]}]})
    said = [one for one in checked_messages(row) if one["role"] != "system"]
    if said and said[0]["role"] == "assistant":
        said = said[1:]
    if len(said) % 2 == 0 or any(one["role"] != ("user", "assistant")[n % 2] for n, one in enumerate(said)):
        problem = "user and assistant do not take turns up to a last message of the user"
        raise ConversationError(problem, field="messages", mend="join what one says in a row; end with the user")
    return said


def answer(
    voice: Voice,
    messages: Sequence[Mapping[str, str]],
    writer,
    gate: TherapeuticGate,
    *,
    count: int = 4,
    seed: int = 0,
) -> dict[str, Any]:
    """
    Answer the last message.

    Where the gate's detector flags any of the user's messages, the safety guide answers the last flagged one, nothing
    is written and nothing is remembered as the voice's. Else each candidate is held against the gate behind the whole
    conversation, and the voice chooses among those that pass.

    Args:
        voice: remembers what was replied.
        messages: from a user's to a user's, taking turns.
        writer: with `write(messages, count, seed, most_tokens)`.
        gate: the validators.
        count: candidates.
        seed: of the draw.

    Returns:
        `{"reply", "likeness", "candidates", "usable", "refused", "crisis"}`: reply `None` where no candidate passed;
        likeness the cosine with the voice, in [-1, 1], `None` where too little was said to tell; how many candidates
        were written and how many could be chosen from; how many were refused by each reason; the kind of crisis.
    """
    readings = gate.detector.read([one["content"] for one in messages if one["role"] == "user"])
    row = {"reply": None, "likeness": None, "candidates": 0, "usable": 0, "refused": {}, "crisis": None}
    if kinds := [str(one.kind) for one in readings if one.flag]:
        return row | {"reply": gate.reply(kinds[-1]), "crisis": kinds[-1]}
    held = _Held(writer, gate, messages)
    try:
        found = voice.reply(messages[-1]["content"], held, count=count, seed=seed)
    except _NonePassed:
        return row | {"candidates": held.drawn, "refused": dict(held.refused)}
    likeness = None if found.likeness is None else round(found.likeness, 4)
    return row | {"reply": found.text, "likeness": likeness, "candidates": held.drawn, "usable": found.usable,
                  "refused": dict(held.refused)}  # fmt: skip


class _NonePassed(Exception):
    """No candidate passed the gate."""


class _Held:
    """A writer that sees the whole conversation behind the voice's prompt, and gives only what passes the gate."""

    def __init__(self, writer, gate: TherapeuticGate, messages: Sequence[Mapping[str, str]]):
        self.writer, self.gate, self.messages = writer, gate, [dict(one) for one in messages]
        self.drawn, self.refused = 0, Counter()

    def write(self, prompt: Sequence[dict], count: int, seed: int, most_tokens: int) -> list[str]:
        passed = []
        for text in self.writer.write([prompt[0], *self.messages], count, seed, most_tokens):
            text = whole(text)
            self.drawn += 1
            refused = self.gate.check([*self.messages, {"role": "assistant", "content": text}]).refused
            if refused:
                self.refused[refused] += 1
            else:
                passed.append(text)
        if not passed:
            raise _NonePassed
        return passed
