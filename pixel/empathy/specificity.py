"""Whether a reply is about this message: nearer to its own than to other people's, in meaning and not in words."""

import numpy as np
from numpy.typing import ArrayLike


def specificity(
    replies: np.ndarray,
    messages: np.ndarray,
    groups: ArrayLike,
    others: np.ndarray | None = None,
    other_groups: ArrayLike | None = None,
) -> np.ndarray:
    r"""
    .. math:: s_i = \cos(r_i, m_i) - \frac{1}{|O_i|} \sum_{j \in O_i} \cos(r_i, m_j)

    with :math:`O_i` the messages of other groups. A reply that would fit anybody scores near 0, whatever it says: the
    second term takes away how alike it is to messages in general.

    Args:
        replies, messages: embeddings float `[n, size]`, each of length 1 or all zeros.
        groups: `[n]`, person or thread.
        others, other_groups: messages to compare with; default: the same messages.

    Returns:
        float `[n]` in [-2, 2]; NaN where no message of another group is there.

    Example:
        >>> specificity(np.eye(2), np.eye(2), ["a", "b"])
        array([1., 1.])
    """
    groups = np.asarray(groups).astype(str)
    others = messages if others is None else others
    other_groups = groups if other_groups is None else np.asarray(other_groups).astype(str)
    if not len(replies) == len(messages) == len(groups) or len(others) != len(other_groups):
        raise ValueError(f"{len(replies)} replies, {len(messages)} messages, {len(groups)} groups")
    own = (replies * messages).sum(1)
    total, count = others.sum(0), len(others)
    out = np.full(len(replies), np.nan)
    for group in np.unique(groups):
        rows, same = groups == group, other_groups == group
        left = count - same.sum()
        if left:
            out[rows] = own[rows] - replies[rows] @ ((total - others[same].sum(0)) / left)
    return out
