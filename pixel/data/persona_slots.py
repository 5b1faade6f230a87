"""Where a persona's soft prompt stands: reserved tokens at the end of the system message, and their slots."""

from collections.abc import Sequence

from pixel.data.errors import ConversationError
from pixel.models.labels import PERSONA_MODES


def reserve_slots(prompt: str, tokenizer, length: int) -> str:
    """The system prompt with `length` pad tokens behind it, which stay in the text and are replaced as embeddings."""
    return prompt.strip() + tokenizer.pad_token * length


def persona_slots(
    ids: Sequence[int], tokenizer, mode: str, length: int, begin: int = 0, end: int | None = None
) -> list[int]:
    """
    Which soft-prompt vector stands at each token (`PersonaPrefix`): `mode * length + i` at the *i*-th reserved token,
    -1 elsewhere. Training and generation both use this.

    Args:
        ids: the conversation's tokens.
        tokenizer: the one `reserve_slots` had.
        mode: persona mode.
        length: `PixelConfig.persona_prefix_length`; 0 gives no slot.
        begin, end: where the system message's content lies in `ids`, half-open (`Block.content`, `Block.content_end`),
            so that pad tokens elsewhere are left alone.

    Returns:
        as many ints as `ids`.

    Raises:
        ConversationError: no such mode, or the system message does not end with `length` reserved tokens.
    """
    if mode not in PERSONA_MODES:
        raise ConversationError(f"no persona mode is called {mode!r}", mend=f"use one of: {', '.join(PERSONA_MODES)}")
    slots = [-1] * len(ids)
    end = len(ids) if end is None else end
    first = end - length
    if first < begin or any(token != tokenizer.pad_token_id for token in ids[first:end]):
        raise ConversationError(
            f"the system message does not end with {length} reserved tokens", mend="build it with reserve_slots"
        )
    slots[first:end] = range(PERSONA_MODES.index(mode) * length, (PERSONA_MODES.index(mode) + 1) * length)
    return slots
