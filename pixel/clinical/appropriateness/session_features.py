"""Eleven numbers that say how a helper worked in a conversation, from the read-outs of its turns."""

import numpy as np

from pixel.clinical.appropriateness.behaviours import Readout

FEATURES = (
    "open_share", "reflection", "input", "advice", "information", "complex_share", "reflection_per_question",
    "change_share", "talk_share", "words", "spirit",
)  # fmt: skip
PRIOR_TURNS = 4
"""Turns of an average session that every session is mixed with: short ones say little."""
AVERAGE = np.array([0.20, 0.15, 0.16, 0.14, 0.08, 0.03])
"""Shares of the six behaviours over AnnoMI's helper turns."""
AVERAGE_MAIN = np.array([0.30, 0.27, 0.15, 0.28])
AVERAGE_TALK = np.array([0.25, 0.12])


def session_features(read: Readout) -> np.ndarray | None:
    """
    Float `[11]` in the order of `FEATURES`; `None` where the helper or the client said nothing.

    `open_share` of questions, `complex_share` of reflections, `change_share` of client talk for or against a change,
    `talk_share` of words by the helper; `reflection` and `input` of the turns that mainly reflect, inform or advise;
    `advice`, `information`, `spirit` turn by turn on average; `reflection_per_question` and `words` a turn as
    logarithms.
    """
    turns, heard = len(read.words), len(read.heard)
    if not turns or not heard or not read.words.sum() or not read.heard.sum():
        return None
    share = (read.behaviours.sum(0) + PRIOR_TURNS * AVERAGE) / (turns + PRIOR_TURNS)
    main = (np.bincount(read.main, minlength=4) + PRIOR_TURNS * AVERAGE_MAIN) / (turns + PRIOR_TURNS)
    talk = (read.talk.sum(0) + PRIOR_TURNS * AVERAGE_TALK) / (heard + PRIOR_TURNS)
    helper, client = read.words.sum(), read.heard.sum()
    return np.array(
        [
            share[0] / (share[0] + share[1]),
            main[1],
            main[2],
            share[5],
            share[4],
            share[3] / (share[2] + share[3]),
            np.log(main[1] / main[0]),
            talk[0] / talk.sum(),
            helper / (helper + client),
            np.log(helper / turns),
            read.spirit.sum() / (turns + PRIOR_TURNS),
        ]
    )
