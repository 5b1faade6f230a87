"""What AnnoMI's helpers do, read by readers that have not seen their sessions, beside what people said they do."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pixel.clinical.appropriateness.annomi_sessions import Session
from pixel.clinical.appropriateness.behaviour_fit import FOLDS, Turns
from pixel.clinical.appropriateness.behaviours import BEHAVIOURS, features, read_out, sides
from pixel.clinical.appropriateness.pair_features import encode

LEAST_HEARD = 6
"""Words of the client's turn before, below which a helper's turn ("mm-hmm" answered) is not compared."""


class Readings(NamedTuple):
    """
    Helper turns that answer a client's turn of at least `LEAST_HEARD` words.

    Attributes:
        read: float `[turns, 6]` in [0, 1], by a reader that did not see the session.
        labels: bool `[turns, 6]`, the annotators' majorities.
        lines: float `[6]`: from this reading on a behaviour counts as there; as many turns lie above as people said.
        session: int `[turns]`, place in `sessions`.
        words: float `[turns]` of the helper's turn.
        sessions: all of them, `folds` int `[sessions]`, and `readers`, the weights of each fold.
    """

    read: np.ndarray
    labels: np.ndarray
    lines: np.ndarray
    session: np.ndarray
    words: np.ndarray
    sessions: Sequence[Session]
    folds: np.ndarray
    readers: list[dict[str, np.ndarray]]

    @property
    def high(self) -> np.ndarray:
        """Bool `[turns]`: of a session shown as good practice."""
        return np.array([self.sessions[place].high for place in self.session], dtype=bool)

    @property
    def groups(self) -> np.ndarray:
        """`[turns]`: the video a session was cut out of."""
        return np.array([self.sessions[place].video for place in self.session])

    def present(self, read: np.ndarray) -> np.ndarray:
        """Bool, like `read`: the behaviour counts as there."""
        return read >= self.lines


def read_unseen(turns: Turns, seed: int = 0) -> Readings:
    """Read every session by a reader fitted on the other folds; sessions of one video share a fold."""
    folds, readers = turns.folds(seed), []
    parts: dict[int, tuple] = {}
    for fold in range(FOLDS):
        readers.append(turns.fit(folds != fold))
        for place in np.flatnonzero(folds == fold):
            side, session = turns.sides[place], turns.sessions[place]
            read = read_out(readers[-1], turns.helper[place], turns.client[place], side).behaviours
            acts = np.array(session.acts, dtype=bool).reshape(len(side.helper), -1)[:, : len(BEHAVIOURS)]
            asked = np.array([len(text.split()) >= LEAST_HEARD for text in side.before_helper], dtype=bool)
            words = np.array([len(text.split()) for text in side.helper], dtype=float)
            parts[int(place)] = (read[asked], acts[asked], words[asked], np.full(int(asked.sum()), place))
    read, labels, words, session = (
        np.concatenate([parts[place][part] for place in sorted(parts)]) for part in range(4)
    )
    shares = labels.mean(0)
    # what nobody does has no line; readings are clipped at 0, and a line there would let everything pass
    lines = [np.quantile(read[:, kind], 1 - share) if share else np.inf for kind, share in enumerate(shares)]
    lines = np.maximum(lines, np.finfo(float).tiny)
    return Readings(read, labels, lines, session, words, turns.sessions, folds, readers)


def read_replies(
    readings: Readings, replies: Sequence[str], before: Sequence[str], ids: Sequence[str], encoder
) -> np.ndarray:
    """
    Float `[replies, 6]`: behaviours of other replies at places of these sessions, each read as the session's own were.

    Args:
        replies: what somebody else says there; `before`: the client's turn before each.
        ids: the session of each place. Of an unknown session: by the first reader.
    """
    fold = {session.id: int(number) for session, number in zip(readings.sessions, readings.folds, strict=True)}
    out = np.zeros((len(replies), len(BEHAVIOURS)))
    taken = [
        sides([{"role": "user", "content": heard}, {"role": "assistant", "content": reply}])
        for heard, reply in zip(before, replies, strict=True)
    ]
    texts = list(dict.fromkeys(text for side in taken for part in side for text in part if text))
    table = dict(zip(texts, encode(texts, encoder), strict=True))
    for row, (side, id) in enumerate(zip(taken, ids, strict=True)):
        out[row] = read_out(readings.readers[fold.get(id, 0)], *features(side, table, encoder.size), side).behaviours[
            0
        ]
    return out
