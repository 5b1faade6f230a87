"""Consistency, clusters, authenticity and correction on AMI's speakers, beside what is known of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixel.benchmarks.voice.ami_pairs import Fit, Known, learned, pairs_of, unseen
from pixel.metrics.auc import auc
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.expected_calibration_error import expected_calibration_error
from pixel.metrics.measure import defined
from pixel.voice.personality.consistency.across import DOUBT, belonging, consistency
from pixel.voice.personality.consistency.clusters import clusters
from pixel.voice.personality.consistency.likeness import Likeness, profile
from pixel.voice.personality.consistency.samples import WORDS
from pixel.voice.personality.fingerprint.ami import read_speakers

LEAST = 4
"""Samples of a speaker whose consistency is measured."""


def consistency_figures(data_root: str | Path, fit: Fit | None = None, seed: int = 0) -> list[dict[str, Any]]:
    """
    Rows of what was measured, value, 95% interval over groups and n.

    Everything is read by a fingerprint and a calibration of other groups; within a meeting all speak of the same.

    Args:
        data_root: folder with `ami/`.
        fit: fingerprint from speakers; default: as the one that ships is fitted.
        seed: of folds and draws.

    Raises:
        FileNotFoundError: no transcripts there.
    """
    speakers = read_speakers(data_root)
    known = unseen(speakers, fit or learned(speakers), seed)
    pairs = pairs_of(known, seed=seed)
    likeness = {
        fold: Likeness.fit(*(column[pairs.fold != fold] for column in (pairs.cosine, pairs.same, *pairs[1:3])))
        for fold in sorted({one.fold for one in known})
    }
    return [
        *_calibration(pairs, likeness),
        *_across(known, likeness, seed),
        *_clusters(known, likeness),
        *_authentic(known, likeness),
    ]


def _calibration(pairs, likeness: dict[int, Likeness]) -> list[dict[str, Any]]:
    read = np.empty(len(pairs.cosine))
    for fold, one in likeness.items():
        here = pairs.fold == fold
        read[here] = one.probability(pairs.cosine[here], pairs.words[here], pairs.others[here])
    rows = []
    for first, second in ((1, 1), (1, 3), (2, 2), (3, 3)):
        here = (pairs.words == first * WORDS) & (pairs.others == second * WORDS)
        if not pairs.same[here].any():
            continue
        p, same, group = read[here], pairs.same[here], pairs.group[here]
        what = f"{first * WORDS} words beside {second * WORDS}, one meeting"
        rows.append(_row(what, "AUC", lambda i, s=same, p=p: auc(s[i], p[i]), len(p), group))
        weight = np.where(same, 0.5 / same.mean(), 0.5 / (1 - same.mean()))
        balanced = np.random.default_rng(0).choice(len(p), 20_000, p=weight / weight.sum())
        error = expected_calibration_error(p[balanced], same[balanced]).value
        rows.append({"what": what, "figure": "calibration error, balanced", "value": error, "n": len(p)})
    return rows


def _across(known: Sequence[Known], likeness: dict[int, Likeness], seed: int) -> list[dict[str, Any]]:
    """Speakers with four samples or more: apart from the others of their meeting; a planted foreign sample named."""
    generator, apart, planted, clean, groups = np.random.default_rng(seed), [], [], [], []
    first, count, right, better = [], [], [], []
    for one in known:
        others = [other for other in known if other.meeting == one.meeting and other is not one]
        if len(one.vectors) < LEAST or not others:
            continue
        words = [WORDS] * len(one.vectors)
        found = consistency(one.vectors, np.vstack([other.vectors for other in others]), words, likeness[one.fold])
        apart.append(found.apart)
        clean.append(len(found.odd) / found.samples)
        foreign = others[int(generator.integers(len(others)))]
        row = foreign.vectors[int(generator.integers(len(foreign.vectors)))]
        belongs = belonging(np.vstack([one.vectors, row]), [*words, WORDS], likeness[one.fold])
        planted.append(belongs[-1] < DOUBT)
        first.append(int(belongs.argmin()) == len(one.vectors))
        count.append(len(belongs))
        kept = belongs >= DOUBT
        named = int((~kept).sum())
        right += [float(place == len(one.vectors)) for place in np.flatnonzero(~kept)]
        mixed = np.vstack([one.vectors, row])
        better.append(_within(mixed[kept]) - _within(mixed) if named and kept.sum() > 1 else 0.0)
        groups.append(one.group)
    what = f"speakers with {LEAST} samples of {WORDS} words or more"
    return [
        _mean(what, "own samples more alike than one's own and another's (AUC, mean)", apart, groups),
        _mean(what, "own samples named as odd", clean, groups),
        _mean(what, "a planted sample of another one named as odd", planted, groups),
        {"what": what, "figure": "of samples named, planted", "value": float(np.mean(right)), "n": len(right)},
        _mean(what, "mean cosine within, gained by dropping those named", better, groups),
        _mean(what, f"a planted sample is the oddest (chance {np.mean(1 / np.array(count)):.2f})", first, groups),
    ]


def _clusters(known: Sequence[Known], likeness: dict[int, Likeness]) -> list[dict[str, Any]]:
    from sklearn.metrics import adjusted_rand_score

    rows = []
    for by_density in (False, True):
        agreement, found, true, groups, chance = [], [], [], [], []
        for meeting in sorted({one.meeting for one in known}):
            present = [one for one in known if one.meeting == meeting and len(one.vectors) >= 2]
            if len(present) < 2:
                continue
            vectors = np.vstack([one.vectors for one in present])
            names = [one.channel for one in present for _ in one.vectors]
            alike = likeness[present[0].fold].threshold()
            done = clusters(vectors, alike, names, by_density, resamples=0)
            agreement.append(done.agreement)
            found.append(abs(done.count - len(present)))
            true.append(len(present))
            groups.append(present[0].group)
            shuffled = np.random.default_rng(len(chance)).permutation(names).tolist()
            chance.append(adjusted_rand_score(shuffled, done.labels))
        what = f"samples of a meeting, {'HDBSCAN' if by_density else 'average linkage'}"
        rows.append(_mean(what, "adjusted Rand index with the speakers", agreement, groups))
        rows.append(_mean(what, "the same, names shuffled", chance, groups))
        rows.append(_mean(what, f"clusters too many or too few (of {np.mean(true):.1f})", found, groups))
    return rows


def _authentic(known: Sequence[Known], likeness: dict[int, Likeness]) -> list[dict[str, Any]]:
    """The second half of what each said, under the own name, beside the first halves of all in the meeting."""
    rank, chance, groups = [], [], []
    for meeting in sorted({one.meeting for one in known}):
        present = [one for one in known if one.meeting == meeting and len(one.vectors) >= 2]
        if len(present) < 2:
            continue
        voices = np.array([profile(one.vectors[: len(one.vectors) // 2]) for one in present])
        for place, one in enumerate(present):
            said = profile(one.vectors[len(one.vectors) // 2 :])
            rank.append(int((voices @ said).argmax()) == place)
            chance.append(1 / len(present))
            groups.append(one.group)
    what = "second half of what one said, beside the first halves of all in the meeting"
    return [_mean(what, f"nearest to its own voice (chance {np.mean(chance):.2f})", rank, groups)]


def _within(vectors: np.ndarray) -> float:
    alike = vectors @ vectors.T
    return float(alike[np.triu_indices(len(vectors), 1)].mean())


def _mean(what: str, figure: str, values: Sequence[float], groups: Sequence[str]) -> dict[str, Any]:
    values = np.asarray(values, dtype=float)
    return _row(what, figure, lambda index: defined(float(values[index].mean())), len(values), groups)


def _row(what: str, figure: str, statistic, count: int, groups: Sequence[str]) -> dict[str, Any]:
    low, high = bootstrap_interval(statistic, count, groups) or (None, None)
    value = statistic(np.arange(count)).value
    return {"what": what, "figure": figure, "value": value, "low": low, "high": high, "n": count}
