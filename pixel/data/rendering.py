"""From messages to tokens, knowing where every message's content lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pixel.data.errors import ConversationError

CHATML = Path(__file__).with_name("chatml.jinja")


@dataclass(frozen=True)
class Block:
    """
    One message in token space, half-open.

    Attributes:
        start: first token of its header.
        content: first token of its content.
        content_end: one past the last token of its content.
        close: one past the token that ends the turn (equals `content_end` if the template has none).
        end: where the next block starts.
    """

    start: int
    content: int
    content_end: int
    close: int
    end: int


def use_chatml(tokenizer) -> None:
    """Give a tokenizer Pixel's chat template: ChatML, no hidden system prompt, assistant turns marked."""
    tokenizer.chat_template = CHATML.read_text(encoding="utf-8")


def render(tokenizer, messages: Sequence[dict], *, row=None) -> tuple[list[int], list[Block]]:
    """
    Tokenise a conversation with the tokenizer's own chat template.

    Args:
        tokenizer: a fast tokenizer with a chat template.
        messages: `{"role", "content"}` each.
        row: id for error messages.

    Returns:
        token ids, and one `Block` a message.

    Raises:
        ConversationError: the template changed or dropped a message's text, so that it cannot be found again.
    """
    stripped = [{"role": message["role"], "content": message["content"].strip()} for message in messages]
    text = tokenizer.apply_chat_template(stripped, tokenize=False)
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids, offsets = encoded["input_ids"], encoded["offset_mapping"]
    special = set(tokenizer.all_special_ids)

    contents, cursor, token = [], 0, 0
    begins = _begins(tokenizer, stripped, text)
    for index, message in enumerate(stripped):
        begin = begins[index] if begins else text.find(message["content"], cursor)
        if begin < 0:
            raise ConversationError(
                f"the chat template changed message {index}", row=row, field="messages",
                mend="use a template that keeps each message's text, e.g. pixel.data.rendering.use_chatml(tokenizer)",
            )  # fmt: skip
        cursor = begin + len(message["content"])
        while token < len(ids) and offsets[token][1] <= begin:
            token += 1
        first = token
        while token < len(ids) and offsets[token][0] < cursor:
            token += 1
        contents.append((first, token))

    blocks, start = [], 0
    for index, (first, last) in enumerate(contents):
        limit = contents[index + 1][0] if index + 1 < len(contents) else len(ids)
        close = end = last
        if last < limit and ids[last] in special:
            close = end = last + 1
            while end < limit and ids[end] not in special:
                end += 1
        if index + 1 == len(contents):
            end = len(ids)
        blocks.append(Block(start, first, last, close, end))
        start = end
    return ids, blocks


def _begins(tokenizer, messages: list[dict], text: str) -> list[int] | None:
    """
    Where each message's content begins in the rendered text, found with marks in its place (a content such as "end"
    also stands in the template's own words). `None` if the template treats contents differently.
    """
    marks = [f"\ue000{index}\ue001" for index in range(len(messages))]
    frame = tokenizer.apply_chat_template(
        [{**message, "content": mark} for message, mark in zip(messages, marks, strict=True)], tokenize=False
    )
    begins, filled = [], ""
    for message, mark in zip(messages, marks, strict=True):
        before, found, frame = frame.partition(mark)
        if not found:
            return None
        begins.append(len(filled) + len(before))
        filled += before + message["content"]
    return begins if filled + frame == text else None
