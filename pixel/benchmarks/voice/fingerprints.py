"""Fingerprints: one speaker or two of one meeting, out of groups that nothing was fitted on, beside simpler styles."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixel.metrics.auc import auc
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.expected_calibration_error import expected_calibration_error
from pixel.text.style_vector import StyleReference
from pixel.voice.personality.fingerprint.ami import PIECES, Pairs, Speaker, cut, folds, pairs, read_speakers
from pixel.voice.personality.fingerprint.calibration import Calibration, balance
from pixel.voice.personality.fingerprint.fitting import Pieces, Settings, fit

Vector = Callable[[str], np.ndarray]
Fit = Callable[[Sequence[Speaker]], Vector]


def methods(speakers: Sequence[Speaker], settings: Settings | None = None) -> dict[str, Fit]:
    """Name -> what fits a vector on some of these speakers."""
    settings = settings or Settings()
    pieces = Pieces(speakers, settings)

    def style(words: int) -> Fit:
        def fitted(known: Sequence[Speaker]) -> Vector:
            texts = [piece for one in known for piece in cut(one.text, settings.words, PIECES)]
            return StyleReference.fit(texts, words=words).vector

        return fitted

    return {
        "runs of three characters": style(0),
        "runs of three characters and small words": style(600),
        "fingerprint": lambda known: fit(known, settings, pieces).vector,
    }


def fingerprints(
    data_root: str | Path,
    heard: Mapping[tuple[str, str], str] | str | Path | None = None,
    lengths: Sequence[int] = (300, 600),
    only: Iterable[str] | None = None,
    settings: Settings | None = None,
) -> list[dict[str, Any]]:
    """
    AUC of the cosine within meetings, five folds of groups, with 95% intervals over groups.

    Args:
        data_root: folder that holds `ami/`.
        heard: meeting and channel -> what a machine wrote of that speaker, or the folder of it; see `spoken_meetings`.
        lengths: words of a piece.
        only: names of methods; default: all.
        settings: of the fingerprint. The defaults were chosen with these groups in sight; all else rests on others.

    Returns:
        a row for each method, kind of text, pairing (`next`: first four pieces; `apart`: a piece near the start with
        one near the end) and length; the fingerprint's rows have `ece` where it could be calibrated on other folds.
    """
    speakers = read_speakers(data_root)
    heard = read_heard(heard) if isinstance(heard, str | Path) else heard
    found: dict[tuple, list[Pairs]] = {}
    for name, fitting in methods(speakers, settings).items():
        if only is not None and name not in set(only):
            continue
        for known, held_out in folds(speakers):
            vector = _remembering(fitting(known))
            spoken = [
                one._replace(text=heard[one.meeting, one.channel])
                for one in held_out
                if heard and (one.meeting, one.channel) in heard
            ]
            same = [one for one in held_out if heard and (one.meeting, one.channel) in heard]
            for words in lengths:
                for text, who, apart in (
                    ("words", held_out, False),
                    ("words", held_out, True),
                    ("heard by a machine", spoken, False),
                    ("words of those heard", same, False),
                ):
                    if who:
                        key = name, text, "apart" if apart else "next", words
                        found.setdefault(key, []).append(pairs(who, words, vector, apart))
    rows = []
    for (name, text, pairing, words), own in found.items():
        row = {"method": name, "text": text, "pairs": pairing, "words": words} | scores(_joined(own))
        if name == "fingerprint" and text == "words" and pairing == "next":
            row["ece"] = calibration_error(own, words)
        rows.append(row)
    return rows


def scores(found: Pairs) -> dict[str, Any]:
    """`auc`, `low`, `high`, number of pairs, of those by one speaker, and of groups."""
    interval = bootstrap_interval(
        lambda rows: auc(found.same[rows], found.similarity[rows]), len(found.same), found.group
    )
    low, high = interval or (None, None)
    return {
        "auc": auc(found.same, found.similarity).value,
        "low": low,
        "high": high,
        "n": len(found.same),
        "same": int(found.same.sum()),
        "groups": len(set(found.group.tolist())),
    }


def calibration_error(parts: Sequence[Pairs], words: int) -> float | None:
    """
    Expected calibration error of each fold under a calibration on the others, one speaker as probable as two: 2000
    pairs a fold are drawn with putting back, half of them by one speaker. (The other folds' pairs are under
    fingerprints that were fitted on this one's people too; the calibration takes no more than its numbers from them.)
    """
    stated, right = [], []
    for number, own in enumerate(parts):
        others = _joined([one for place, one in enumerate(parts) if place != number])
        if not others.same.any() or not own.same.any():
            continue
        fitted = Calibration.fit([others.similarity], [others.same], [words])
        drawn = np.random.default_rng(number).choice(len(own.same), size=2000, p=balance(own.same))
        stated.append(fitted.probability(own.similarity[drawn], words))
        right.append(own.same[drawn])
    return expected_calibration_error(np.concatenate(stated), np.concatenate(right)).value if stated else None


def read_heard(folder: str | Path) -> dict[tuple[str, str], str]:
    """What `spoken_meetings.transcribe_meetings` wrote."""
    read = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(Path(folder).glob("*.json"))]
    return {(one["meeting"], one["channel"]): one["heard"] for one in read}


def _joined(parts: Sequence[Pairs]) -> Pairs:
    return Pairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _remembering(vector: Vector) -> Vector:
    made: dict[str, np.ndarray] = {}

    def remembered(text: str) -> np.ndarray:
        if text not in made:
            made[text] = vector(text)
        return made[text]

    return remembered
