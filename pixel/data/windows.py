"""Conversations longer than the context: cut into windows so that every turn is read once, with its context."""

from dataclasses import dataclass

from pixel.data.rendering import Block


@dataclass(frozen=True)
class Window:
    """
    A stretch of a conversation that fits the context.

    Attributes:
        tokens: indices into the conversation's tokens, in order.
        turns: `(message index, first, last)`: where each message's content lies in `tokens`, both ends inclusive.
        fresh: the messages this window is there to read; the others are context and were read before.
    """

    tokens: list[int]
    turns: list[tuple[int, int, int]]
    fresh: frozenset[int]


def windows(blocks: list[Block], roles: list[str], max_length: int, context: float = 0.25) -> list[Window]:
    """
    Cut a conversation into windows of at most `max_length` tokens.

    Windows begin at message boundaries. Each repeats the leading system message and as many earlier messages as fit
    into `context * max_length` tokens. Every message is fresh in exactly one window, so no label is lost and none
    counts twice. A message that is too long by itself keeps its beginning and its end; the middle is cut.

    Args:
        blocks: one a message, from `render`.
        roles: of the messages.
        max_length: in tokens, at least 16.
        context: share of a window for what was said before, in [0, 1).

    Raises:
        ValueError: `max_length` below 16.
    """
    if max_length < 16:
        raise ValueError(f"max_length is {max_length}; a window needs at least 16 tokens")
    if not blocks or blocks[-1].end <= max_length:
        everything = range(blocks[-1].end if blocks else 0)
        return [_window(blocks, range(len(blocks)), frozenset(range(len(blocks))), list(everything))]

    head = [0] if roles[0] == "system" and len(blocks) > 1 else []
    pieces = {
        index: _cut(block, max_length // 4 if index in head else max_length - (max_length // 4 if head else 0))
        for index, block in enumerate(blocks)
    }
    budget = max_length - sum(len(pieces[index]) for index in head)
    result: list[Window] = []
    next_fresh = len(head)
    while next_fresh < len(blocks):
        used, last = 0, next_fresh
        while last < len(blocks) and used + len(pieces[last]) <= budget:
            used += len(pieces[last])
            last += 1
        before, first = 0, next_fresh
        if result:  # context, and then what still fits behind it
            first = next_fresh
            while first - 1 >= len(head) and before + len(pieces[first - 1]) <= min(
                int(context * max_length), budget - len(pieces[next_fresh])
            ):
                first -= 1
                before += len(pieces[first])
            used, last = before, next_fresh
            while last < len(blocks) and used + len(pieces[last]) <= budget:
                used += len(pieces[last])
                last += 1
        fresh = frozenset(range(next_fresh, last)) | (frozenset(head) if not result else frozenset())
        chosen = [*head, *range(first, last)]
        result.append(_window(blocks, chosen, fresh, [token for index in chosen for token in pieces[index]]))
        next_fresh = last
    return result


def _cut(block: Block, limit: int) -> list[int]:
    """The block's tokens; if there are more than `limit`, header and end stay and the content's middle goes."""
    tokens = list(range(block.start, block.end))
    surplus = len(tokens) - limit
    if surplus <= 0:
        return tokens
    content = block.content_end - block.content
    keep = max(1, content - surplus)
    front = block.content + (keep + 1) // 2
    back = block.content_end - keep // 2
    return (list(range(block.start, front)) + list(range(back, block.end)))[:limit]


def _window(blocks: list[Block], chosen, fresh: frozenset[int], tokens: list[int]) -> Window:
    place = {token: position for position, token in enumerate(tokens)}
    turns = []
    for index in chosen:
        block = blocks[index]
        inside = [place[token] for token in range(block.content, block.content_end) if token in place]
        if inside:
            turns.append((index, inside[0], inside[-1]))
    return Window(tokens, turns, fresh)
