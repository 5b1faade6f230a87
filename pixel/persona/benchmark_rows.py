"""A dialogue of the benchmark as a row of Pixel's schema."""

from typing import Any

from pixel.data.schema import conversation
from pixel.persona.dialogues import Dialogue

LICENCE = "CC0-1.0"


def row_of(dialogue: Dialogue) -> dict[str, Any]:
    """
    A row with `persona_mode`, `persona_context`, `persona_trigger` and `persona_switch` on the person's turns. The
    replies are not learnt by the language model and carry no label.
    """
    turns = dialogue.turns
    return conversation(
        dialogue.messages(),
        id=dialogue.id,
        source="persona_switching",
        licence=LICENCE,
        learn=False,
        persona_mode=[turn.mode for turn in turns],
        persona_context=[turn.context for turn in turns],
        persona_trigger=[turn.trigger for turn in turns],
        persona_switch=[None if turn.switch is None else float(turn.switch) for turn in turns],
    )
