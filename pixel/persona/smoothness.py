"""Transitions: does the mode go over in one movement, and do the replies stay one conversation meanwhile."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from pixel.metrics.measure import Measure, defined, undefined
from pixel.persona.switches import switch_points


def flips_back(modes: Sequence[str], within: int = 2) -> int:
    """
    How often a mode is left and taken up again within `within` turns: the voice wavers.

    Args:
        modes: modes taken, `[user turns]`, of one dialogue.
        within: turns, 1 or more.
    """
    points = switch_points(modes)
    return sum(
        later - earlier <= within and modes[later] == modes[earlier - 1]
        for earlier, later in zip(points, points[1:], strict=False)
    )


def needless_flips(needed: Sequence[str], given: Sequence[str], within: int = 2) -> int:
    """Flips back in what was taken beyond those in what was needed, at least 0."""
    return max(0, flips_back(given, within) - flips_back(needed, within))


def excess_variation(probabilities: ArrayLike, needed: ArrayLike) -> Measure:
    r"""
    How far the mode probabilities travelled beyond what the needed modes asked for.

    .. math:: \frac{\frac12\sum_t \lVert p_t - p_{t-1}\rVert_1 - \frac12\lVert p_T - p_1\rVert_1}{T - 1}

    between two needed switches, summed over the stretches with two turns or more: a track that goes straight, or
    stands still, has 0; one that leaps between two modes at every turn has nearly 1.

    Args:
        probabilities: `[user turns, modes]`, each row sums to 1.
        needed: modes needed, names or numbers, `[user turns]`.

    Returns:
        mean excess a step, in [0, 1]; undefined where no stretch has two turns.

    Raises:
        ValueError: shapes do not fit.

    Source: total variation distance between distributions; the excess of a path over the distance of its ends.
    """
    probabilities, needed = np.asarray(probabilities, dtype=float), np.asarray(needed)
    if probabilities.ndim != 2 or len(probabilities) != len(needed):
        raise ValueError(f"probabilities {probabilities.shape} for {len(needed)} turns")
    starts = [0, *switch_points(needed.tolist()), len(needed)]
    excess, steps = 0.0, 0
    for start, end in zip(starts, starts[1:], strict=False):
        part = probabilities[start:end]
        if len(part) > 1:
            travelled = np.abs(np.diff(part, axis=0)).sum() / 2
            excess += travelled - np.abs(part[-1] - part[0]).sum() / 2
            steps += len(part) - 1
    return defined(max(0.0, excess / steps)) if steps else undefined("no two turns in one mode")


def reply_continuity(replies: ArrayLike, switch_at: Sequence[int]) -> Measure:
    """
    How much closer replies around a switch are to each other than replies of this conversation taken at random.

    Args:
        replies: sentence embeddings of the replies, `[replies, size]`, in order, of length 1.
        switch_at: replies that are the first in another mode (0 is left out).

    Returns:
        mean cosine of the reply at a switch with the one before, less the mean cosine of all other pairs that do not
        stand side by side, in [-2, 2]. Above 0: the thread is kept; it says nothing about the replies' quality.

    Raises:
        ValueError: a switch at a reply that is not there.
    """
    replies = np.asarray(replies, dtype=float)
    if any(not 0 <= turn < len(replies) for turn in switch_at):
        raise ValueError(f"a switch outside {len(replies)} replies")
    points = [turn for turn in switch_at if turn > 0]
    if not points:
        return undefined("no switch between two replies")
    cosine = replies @ replies.T
    rows, columns = np.triu_indices(len(replies), k=2)
    if not len(rows):
        return undefined("fewer than three replies")
    return defined(np.mean([cosine[turn, turn - 1] for turn in points]) - cosine[rows, columns].mean())
