"""What a reply does, in ten numbers: the shape in which replies of people and of a model can be laid side by side."""

from collections.abc import Sequence

import numpy as np

from pixel.clinical.appropriateness.behaviours import BEHAVIOURS, BehaviourReader
from pixel.clinical.appropriateness.pair_features import encode
from pixel.clinical.appropriateness.readable import cleaned
from pixel.empathy.exchanges import Exchange
from pixel.empathy.mechanisms import MechanismReader
from pixel.empathy.specificity import specificity
from pixel.models.labels import EPITOME_MECHANISMS

PROFILE = (*EPITOME_MECHANISMS, "specificity", *BEHAVIOURS)
"""Levels of the three mechanisms, closeness to its own message, and what practitioners saw helpers do. No length."""


def profiles(
    pairs: Sequence[Exchange],
    encoder,
    mechanisms: MechanismReader | None = None,
    behaviours: BehaviourReader | None = None,
    others: Sequence[Exchange] | None = None,
) -> np.ndarray:
    """
    Float `[pairs, 10]` in the order of `PROFILE`.

    Args:
        pairs: replies, each with its message.
        encoder: with `encode(texts)` and `size`.
        mechanisms, behaviours: readers; default: those that ship with Pixel, with this encoder.
        others: whose messages specificity is measured against; default: `pairs`. Give the same to every set that is
            compared.
    """
    mechanisms = mechanisms or MechanismReader(encoder=encoder)
    behaviours = behaviours or BehaviourReader(encoder=encoder)
    if not len(pairs):
        return np.zeros((0, len(PROFILE)))
    read = behaviours.read([_talk(pair) for pair in pairs])
    acts = np.stack([one.behaviours[0] if len(one.behaviours) else np.zeros(len(BEHAVIOURS)) for one in read])
    own = specificity_of(pairs, encoder, others)
    return np.hstack([mechanisms.read(pairs), own[:, None], acts])


def specificity_of(pairs: Sequence[Exchange], encoder, others: Sequence[Exchange] | None = None) -> np.ndarray:
    """`specificity` of replies given as text."""
    others = pairs if others is None else others
    texts = [pair.reply for pair in pairs] + [pair.message for pair in pairs] + [pair.message for pair in others]
    vectors = encode([cleaned(text) for text in texts], encoder)
    replies, messages, compared = np.split(vectors, [len(pairs), 2 * len(pairs)])
    return specificity(replies, messages, [pair.group for pair in pairs], compared, [pair.group for pair in others])


def _talk(pair: Exchange) -> list[dict[str, str]]:
    return [{"role": "user", "content": pair.message}, {"role": "assistant", "content": pair.reply}]
