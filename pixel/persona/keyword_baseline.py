"""
Two short lists of words, as a baseline only: what anybody would write down in five minutes.

It stands in tables so that a model can be seen to do better. Nothing in Pixel decides by it.
"""

import re

FEELING = (
    "afraid", "alone", "angry", "anxious", "ashamed", "cry", "cried", "crying", "dead", "depressed", "die", "died",
    "feel", "feeling", "grief", "guilty", "hate", "hopeless", "hurt", "lonely", "lost", "miss", "overwhelmed", "panic",
    "sad", "scared", "shame", "suicide", "tired", "worthless",
)  # fmt: skip
TASK = (
    "calculate", "code", "convert", "correct", "draft", "email", "error", "excel", "explain", "fix", "format",
    "formula", "help me", "how do i", "how many", "list", "plan", "recipe", "rewrite", "spreadsheet", "table",
    "translate", "what is", "write",
)  # fmt: skip

_FEELING = re.compile(rf"\b(?:{'|'.join(FEELING)})\b", re.IGNORECASE)
_TASK = re.compile(rf"\b(?:{'|'.join(TASK)})\b", re.IGNORECASE)


def keyword_mode(text: str) -> str | None:
    """`therapy` or `assistant` by which list has more words in the text, `hybrid` for a draw, `None` for neither."""
    feeling, task = len(_FEELING.findall(text)), len(_TASK.findall(text))
    if feeling == task:
        return "hybrid" if feeling else None
    return "therapy" if feeling > task else "assistant"
