"""A Pixel model's risk head as a further voice of the detector."""

from collections.abc import Callable, Sequence

import numpy as np

from pixel.data.errors import ConversationError


def risk_voice(reader) -> Callable[[Sequence[str]], np.ndarray]:
    """
    Args:
        reader: a `pixel.inference.ConversationReader` that reads the field `risk`.

    Returns:
        a function from texts to probabilities of the rungs 0-6 `[texts, 7]`: each text is read as a user's one turn.
        A text without words, and one that the model cannot read, is a ConversationError.
    """

    def read(texts: Sequence[str]) -> np.ndarray:
        found = reader.read([[{"role": "user", "content": text or "."}] for text in texts])
        for result in found:
            if isinstance(result, ConversationError):
                raise result
        return np.array([turns[0]["risk"]["severity"] for turns in found], dtype=np.float64)

    return read
