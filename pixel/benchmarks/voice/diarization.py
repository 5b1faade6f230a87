"""Who speaks when: error rates on real and planted conversations, and whether two utterances have one speaker."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pixel.benchmarks.voice.speaker_scenes import RATE, Scene, conversations, meeting, readers
from pixel.metrics.auc import auc
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import defined
from pixel.voice.audio.activity import listen as activity
from pixel.voice.diarization.error_rate import ErrorRate, error_rate
from pixel.voice.diarization.speaker_encoder import encoder, speaker_embedding
from pixel.voice.diarization.turns import Spot, listen, settle

GRID = np.arange(0.30, 0.50, 0.01).round(2)
"""Distances from which two groups may count as two voices."""
COLLAR = 0.25


class Heard(NamedTuple):
    """A scene and what the encoder heard in it."""

    scene: Scene
    looked: list[Spot]
    glimpses: np.ndarray

    @classmethod
    def of(cls, scene: Scene, speech: Sequence[tuple[float, float]] | None = None) -> "Heard":
        """`speech`: where it is; default: where it truly is."""
        return cls(scene, *listen(scene.samples, speech or scene.speech, encoder()))

    def error(self, collar: float = 0.0, **how) -> ErrorRate:
        return error_rate(self.scene.true, settle(self.looked, self.glimpses, **how), collar)

    def found(self, **how) -> int:
        """How many speakers."""
        return len({turn.speaker for turn in settle(self.looked, self.glimpses, **how)})


def plants_of(data_root: str | Path) -> list[Heard]:
    """A planted conversation for every one, two and three of LibriSpeech's five readers: 5, 10 and 10."""
    source = readers(data_root)
    return [Heard.of(scene) for voices in (1, 2, 3) for scene in conversations(source, voices)]


def diarization_errors(data_root: str | Path, plants: Sequence[Heard] | None = None) -> list[dict[str, Any]]:
    """
    Args:
        data_root: folder with the raw corpora.
        plants: of `plants_of`, where they are at hand.

    Returns:
        one row for each kind of conversation. The distance that parts two voices is chosen without the readers that a
        planted conversation is made of: on all planted conversations of the other readers. The other constants of
        `pixel.voice.diarization.voices` were set by hand and are the same in every row. Whole recordings use the
        distance that ships, chosen on all planted conversations of LibriSpeech: its five readers in a row are thus no
        held-out test, AMI is one. `error` and `error_collar` are means over `n` conversations, `low` and `high` the
        95 % interval of `error` over conversations (none for one), too narrow for new readers, since the same five
        stand in all of them; `missed`, `invented` and `confused` are its parts. Utterances count as speech as a whole,
        with the pauses in them.

    Raises:
        ConversationError: the recordings are not below `data_root`.
        ModuleNotFoundError: Resemblyzer is not installed.
    """
    from pixel.voice.diarization.voices import APART

    source = readers(data_root)
    plants, rows = plants or plants_of(data_root), []
    for voices in (1, 2, 3):
        tested = [one for one in plants if one.scene.speakers == voices]
        chosen = [{"apart": best_distance(_without(plants, one))} for one in tested]
        rows.append(_row(f"planted, {voices} of 5 readers", "known", tested, chosen))
        if voices > 1:
            rows.append(
                _row(rows[-1]["conversation"], "known, speakers given", tested, [{"speakers": voices}] * len(tested))
            )
    for scene, name in ((source, "LibriSpeech, 5 readers, 417 s"), (meeting(data_root), "AMI, 2 speakers, 30 s")):
        known, heard = Heard.of(scene), Heard.of(scene, _heard_speech(scene))
        rows.append(_row(name, "known", [known], [{"apart": APART}]))
        rows.append(_row(name, "known, speakers given", [known], [{"speakers": scene.speakers}]))
        rows.append(_row(name, "found by voice activity", [heard], [{"apart": APART}]))
        rows.append(_row(name, "found, speakers given", [heard], [{"speakers": scene.speakers}]))
    return rows


def best_distance(plants: Sequence[Heard]) -> float:
    """
    The distance with the least mean error; of several equal ones the middle. Of all `plants_of`, it is `APART`.
    """
    errors = np.array([np.mean([one.error(apart=apart).rate for one in plants]) for apart in GRID])
    best = np.flatnonzero(errors <= errors.min() + 1e-4)
    return float(GRID[best[len(best) // 2]])


def same_speaker(data_root: str | Path) -> list[dict[str, Any]]:
    """
    Whether two utterances have one speaker, by the cosine of their embeddings, for whole utterances and for their
    first seconds.

    Returns:
        rows of `heard`, `utterances`, `pairs`, `auc` and its 95 % interval over utterances. They are of five readers:
        the interval says nothing of other voices.
    """
    source, rows = readers(data_root), []
    for seconds in (None, 5.0, 2.0):
        vectors, names = [], []
        for start, end, name in source.true:
            stop = end if seconds is None else min(end, start + seconds)
            vectors.append(speaker_embedding(source.samples[round(start * RATE) : round(stop * RATE)]))
            names.append(name)
        likeness, names = np.stack(vectors) @ np.stack(vectors).T, np.array(names)

        def over(indices: np.ndarray, likeness=likeness, names=names):
            first, second = np.triu_indices(len(indices), 1)
            first, second = indices[first], indices[second]
            other = first != second  # an utterance drawn twice is no pair
            return auc((names[first] == names[second])[other], likeness[first, second][other])

        low, high = bootstrap_interval(over, len(names)) or (None, None)
        value = over(np.arange(len(names))).value
        what = "whole utterances" if seconds is None else f"their first {seconds:g} s"
        pairs = len(names) * (len(names) - 1) // 2
        rows.append({"heard": what, "utterances": len(names), "pairs": pairs, "auc": value, "low": low, "high": high})
    return rows


def _without(plants: Sequence[Heard], tested: Heard) -> list[Heard]:
    """Those that share no reader with the tested one."""
    names = set(tested.scene.name.split("+"))
    return [one for one in plants if not names & set(one.scene.name.split("+"))]


def _row(name: str, speech: str, tested: Sequence[Heard], hows: Sequence[dict]) -> dict[str, Any]:
    pairs = list(zip(tested, hows, strict=True))
    parts = [one.error(**how) for one, how in pairs]
    errors = np.array([part.rate for part in parts])
    interval = bootstrap_interval(lambda at: defined(errors[at].mean()), len(errors)) or (None, None)
    return {
        "conversation": name,
        "speech": speech,
        "n": len(tested),
        "error": float(errors.mean()),
        "low": interval[0],
        "high": interval[1],
        "error_collar": float(np.mean([one.error(COLLAR, **how).rate for one, how in pairs])),
        "missed": float(np.mean([part.missed / part.speech for part in parts])),
        "invented": float(np.mean([part.invented / part.speech for part in parts])),
        "confused": float(np.mean([part.confused / part.speech for part in parts])),
        "right_number": float(np.mean([one.found(**how) == one.scene.speakers for one, how in pairs])),
    }


def _heard_speech(scene: Scene) -> list[tuple[float, float]]:
    """What the transcriber would decode, in seconds: speech by voice activity detection, padded by 0.4 s."""
    return [(start / RATE, end / RATE) for start, end in activity(scene.samples).pieces()]
