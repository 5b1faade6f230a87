"""What the page says of voices: consistency, clusters, drift, what to correct, and what that would change."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.voice.personality.consistency.across import all_voices
from pixel.voice.personality.consistency.clusters import LEAST, clusters
from pixel.voice.personality.consistency.correction import apply, evenly, propose, runs_of
from pixel.voice.personality.consistency.drift import STEP, Change, Vector, changes, curve, most_changed
from pixel.voice.personality.consistency.drift_reference import DriftReference
from pixel.voice.personality.consistency.likeness import Likeness
from pixel.voice.personality.consistency.samples import Sample, samples_of
from pixel.voice.report.names import Names
from pixel.voice.segment import Segment

MOST = 200
"""Samples of a voice at most, evenly taken, for consistency and clusters."""
PLACES = 400
"""Places at which a long stream is cut, about."""
ALPHA = 0.05


def read_voices(
    voices: Mapping[str, Sequence[Segment]],
    vector: Vector,
    likeness: Likeness,
    reference: DriftReference,
    names: Names,
    seed: int = 0,
) -> dict[str, Any]:
    """
    Args:
        voices: voice -> segments in order.
        vector: a text's fingerprint; likeness, reference: fitted with it.
        names: how voices and segments are called.
        seed: of intervals and resampling.

    Returns:
        `consistency`, `drift`, `proposals` and `after` (consistency if they were followed): lists of rows;
        `clusters`: a mapping, or `None` below four samples; `short`: voices too short to say anything of.
    """
    drift, runs = {}, {}
    for name, own in voices.items():
        drift[name], found = _drift(name, own, vector, reference, names)
        runs[name] = runs_of(name, own, found, most=MOST)
    whole = {name: evenly(samples_of(name, own), MOST) for name, own in voices.items()}
    parted = {name: [one for run in own for one in run.samples] for name, own in runs.items()}
    before, after = ([one for own in some.values() for one in own] for some in (whole, parted))
    texts = {one.id + one.text: one for one in [*before, *after]}
    table = {key: vector(one.text) for key, one in texts.items()}
    vectors, cut = ({one.id: table[one.id + one.text] for one in some} for some in (before, after))
    proposals = propose(runs, cut, likeness)
    return {
        "consistency": _consistency(before, vectors, likeness, names, seed),
        "clusters": _clusters(before, vectors, likeness, names, seed),
        "drift": sorted((row for row in drift.values() if row), key=lambda row: row["p"]),
        "proposals": [_proposal(one, names) for one in proposals],
        "after": _consistency(apply(after, proposals), cut, likeness, names, seed) if proposals else [],
        "short": sum(not own for own in whole.values()),
    }


def _consistency(
    samples: Sequence[Sample], vectors: Mapping[str, np.ndarray], likeness: Likeness, names: Names, seed: int
) -> list[dict[str, Any]]:
    own: dict[str, list[Sample]] = {}
    for one in samples:
        own.setdefault(one.voice, []).append(one)
    tables = {name: np.array([vectors[one.id] for one in some]) for name, some in own.items()}
    found = all_voices(tables, {name: [one.words for one in some] for name, some in own.items()}, likeness, seed)
    rows = []
    for name, one in found.items():
        odd = [names.segment(own[name][place].id) for place in one.odd]
        rows.append({"name": names.of("voice", name)} | one.as_row() | {"odd": odd})
    return sorted(rows, key=lambda row: row["name"] if names.shown else int(row["name"].split()[-1]))


def _clusters(
    samples: Sequence[Sample], vectors: Mapping[str, np.ndarray], likeness: Likeness, names: Names, seed: int
) -> dict[str, Any] | None:
    if len(samples) < LEAST:
        return None
    table, held = np.array([vectors[one.id] for one in samples]), [one.voice for one in samples]
    resamples = 50 if len(samples) <= MOST else 5
    found = clusters(table, likeness.threshold(), held, resamples=resamples, seed=seed)
    dense = clusters(table, likeness.threshold(), held, by_density=True, resamples=resamples, seed=seed)
    by_voice = [
        {
            "name": names.of("voice", voice),
            "clusters": np.bincount(
                [label for label, own in zip(found.labels, held, strict=True) if own == voice], minlength=found.count
            ).tolist(),
        }
        for voice in dict.fromkeys(held)
    ]
    summary = [
        {"name": name, "count": one.count, "outside": int((one.labels < 0).sum())}
        | {"silhouette": one.silhouette, "stability": one.stability, "agreement": one.agreement}
        for name, one in (("average linkage", found), ("HDBSCAN", dense))
    ]
    return {"samples": len(samples), "voices": len(by_voice), "summary": summary, "by_voice": by_voice}


def _drift(
    name: str, own: Sequence[Segment], vector: Vector, reference: DriftReference, names: Names
) -> tuple[dict[str, Any] | None, list[Change]]:
    """A row for a voice of 600 words or more, with its curve of scores, and the changes."""
    texts = [one.text for one in own]
    total = sum(len(text.split()) for text in texts)
    given = curve(texts, vector, step=max(STEP, total // PLACES))
    most = most_changed(texts, vector, reference, given)
    if most is None:
        return None, []
    found = changes(texts, vector, reference, ALPHA, max(STEP, total // PLACES)) if most.p <= ALPHA else []
    before = np.r_[0, np.cumsum([len(text.split()) for text in texts])]
    row = {
        "name": names.of("voice", name),
        "words": total,
        "p": most.p,
        "score": most.score,
        "alarms": [{"segment": names.segment(own[one.place].id), "word": one.word, "p": one.p} for one in found],
        "curve": {
            "word": before[given.place].tolist(),
            "score": reference.score(given.cosine, given.left, given.right).round(3).tolist(),
            "limit": reference.limit_at(ALPHA, len(given.place)),
            "at": most.word if found else None,
        },
    }
    return row, found


def _proposal(one, names: Names) -> dict[str, Any]:
    row = one.as_row() | {"sample": names.segment(one.sample), "voice": names.of("voice", one.voice)}
    to = None if one.to is None else names.of("voice", one.to)
    reason = one.reason if one.to is None or to is None else one.reason.replace(one.to, to)
    return row | {"to": to, "reason": reason}
