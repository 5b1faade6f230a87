"""Response patterns: what a speaker does after another's turn."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pixel.voice.personality.marker import markers_of
from pixel.voice.personality.markers.style import listed
from pixel.voice.personality.markers.turns import Turn, turns
from pixel.voice.personality.words import sentences, words
from pixel.voice.segment import Segment

LEAST_ANSWERS = 5
COMMON = 4
"""Letters from which a word that two turns share counts as taken up (shorter ones are shared by chance)."""
_ACKNOWLEDGES = listed(
    ["yeah", "yes", "yep", "yup", "okay", "ok", "right", "mm-hmm", "uh-huh", "sure", "alright", "all right", "i see"]
    + ["exactly", "got it", "cool", "good", "great", "fine", "oh", "absolutely", "definitely", "true"]
)
READ = ("open_question", "closed_question", "simple_reflection", "complex_reflection", "information", "advice")

MARKERS = markers_of("responses")


def measure(segments: Sequence[Segment], speaker: str | None, reader: Any = None) -> dict[str, float | None]:
    """
    Args:
        segments: of everybody in the recording.
        speaker: whose responses.
        reader: `pixel.clinical.appropriateness.behaviours.BehaviourReader`, learned from motivational interviews: what
            it reads in other talk is a guess. `None`: its markers are null.

    Returns:
        name -> value; `None` below 5 answers.
    """
    everyone = [turn for turn in turns(segments) if words(turn.text)]
    pairs = [
        (before, answer)
        for before, answer in zip(everyone, everyone[1:], strict=False)
        if answer.speaker == speaker and before.speaker != speaker
    ]
    if len(pairs) < LEAST_ANSWERS:
        return dict.fromkeys(MARKERS)
    heard = [words(before.text) for before, _ in pairs]
    said = [words(answer.text) for _, answer in pairs]
    acknowledged = [_opening(one) for one in said]
    taken = [
        word in set(before) for before, one in zip(heard, said, strict=True) for word in one if len(word) > COMMON
    ]
    return {
        "answers_with_question": _share(any(one.endswith("?") for one in sentences(turn.text)) for _, turn in pairs),
        "answers_with_acknowledgement": _share(count > 0 for count in acknowledged),
        "answers_only_acknowledge": _share(count == len(one) for count, one in zip(acknowledged, said, strict=True)),
        "takes_up_words": _share(taken) if taken else None,
        "answers_about_you": _share(_about_you(one) for one in said),
        "answer_length_ratio": float(np.median([len(b) / len(a) for a, b in zip(heard, said, strict=True)])),
    } | _read(everyone, speaker, reader)


def _share(flags) -> float:
    return float(np.mean([bool(flag) for flag in flags]))


def _opening(said: Sequence[str]) -> int:
    """How many words at the start do nothing but acknowledge."""
    line, place = " ".join(said), 0
    while (found := _ACKNOWLEDGES.match(line, place)) is not None:
        place = found.end() + 1
    return len(line[:place].split())


def _about_you(said: Sequence[str]) -> bool:
    you = sum(word.split("'")[0] in ("you", "your", "yours", "yourself") for word in said)
    return you > sum(word.split("'")[0] in ("i", "me", "my", "mine", "myself") for word in said)


def _read(everyone: Sequence[Turn], speaker: str | None, reader: Any) -> dict[str, float | None]:
    if reader is None:
        return {f"reads_{name}": None for name in READ}
    roles = {True: "assistant", False: "user"}
    messages = [{"role": roles[turn.speaker == speaker], "content": turn.text} for turn in everyone]
    shares = reader.read([messages])[0].behaviours.mean(0)
    return {f"reads_{name}": float(share) for name, share in zip(READ, shares, strict=True)}
