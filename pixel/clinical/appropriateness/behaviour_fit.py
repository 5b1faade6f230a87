"""Fitting the behaviour reader on AnnoMI, and measuring how well sessions are told apart that it has not seen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixel.clinical.appropriateness.annomi_sessions import Session
from pixel.clinical.appropriateness.behaviours import BEHAVIOURS, features, read_out, sides
from pixel.clinical.appropriateness.pair_features import encode
from pixel.clinical.appropriateness.quality import fit_quality, quality
from pixel.clinical.appropriateness.rubric import score
from pixel.clinical.appropriateness.session_features import FEATURES, session_features

PENALTY = 200.0
"""Of the ridge regressions."""
LOW_WEIGHT = 4.0
"""Of a turn in a low-quality session: these are few, and informing looks like reflecting to a reader without them."""
FOLDS = 5


class Turns:
    """Features and labels of all turns of some sessions, with the number of their session."""

    def __init__(self, sessions: Sequence[Session], encoder):
        self.sessions = sessions
        self.sides = [sides(session.messages) for session in sessions]
        texts = list(dict.fromkeys(text for side in self.sides for part in side for text in part if text))
        table = dict(zip(texts, encode(texts, encoder), strict=True))
        both = [features(side, table, encoder.size) for side in self.sides]
        self.helper, self.client = [helper for helper, _ in both], [client for _, client in both]
        self.high = np.array([session.high for session in sessions])

    def fit(self, chosen: np.ndarray) -> dict[str, np.ndarray]:
        """Weights of a reader fitted on the chosen sessions (bool `[sessions]`)."""
        rows = np.flatnonzero(chosen)
        x = np.vstack([self.helper[row] for row in rows])
        counts = np.array([len(self.helper[row]) for row in rows])
        acts = np.concatenate([np.array(self.sessions[row].acts, dtype=float) for row in rows])
        high = np.repeat(self.high[rows], counts)
        weight, bias = _ridge(x, acts, np.where(high, 1.0, LOW_WEIGHT))
        each = 1.0 / np.repeat(counts, counts)  # every session the same, and both kinds of session
        each = each / np.where(high, self.high[rows].sum(), (~self.high[rows]).sum())
        spirit, spirit_bias = _ridge(x, np.where(high, 1.0, -1.0)[:, None], each)
        y = np.vstack([self.client[row] for row in rows])
        talk = np.concatenate([np.array(self.sessions[row].talk, dtype=float).reshape(-1, 2) for row in rows])
        talk_weight, talk_bias = _ridge(y, talk, np.ones(len(y)))
        return {
            "acts": np.hstack([weight, spirit]),
            "acts_bias": np.append(bias, spirit_bias),
            "talk": talk_weight,
            "talk_bias": talk_bias,
        }

    def table(self, tensors: dict[str, np.ndarray], chosen: np.ndarray) -> dict[int, np.ndarray]:
        """Session features of the chosen sessions, by number; sessions in which one side is silent are left out."""
        out = {}
        for row in np.flatnonzero(chosen):
            found = session_features(read_out(tensors, self.helper[row], self.client[row], self.sides[row]))
            if found is not None:
                out[int(row)] = found
        return out

    def left_out(self, chosen: np.ndarray, seed: int) -> np.ndarray:
        """Session features of the chosen sessions, each read by a reader fitted on the other chosen ones."""
        out, fold = np.full((len(self.sessions), len(FEATURES)), np.nan), self.folds(seed)
        for number in range(FOLDS):
            for row, found in self.table(self.fit(chosen & (fold != number)), chosen & (fold == number)).items():
                out[row] = found
        return out

    def folds(self, seed: int) -> np.ndarray:
        """A fold a session: sessions of one video together, both kinds spread evenly."""
        generator, out = np.random.default_rng(seed), np.zeros(len(self.sessions), dtype=int)
        for high in (True, False):
            videos = sorted({s.video for s in self.sessions if s.high == high})
            place = dict(zip(videos, generator.permutation(len(videos)) % FOLDS, strict=True))
            for row, session in enumerate(self.sessions):
                if session.high == high:
                    out[row] = place[session.video]
        shared = {s.video: out[row] for row, s in enumerate(self.sessions)}  # a video with both kinds: one fold
        return np.array([shared[session.video] for session in self.sessions])


def out_of_fold(turns: Turns, seed: int) -> dict[str, np.ndarray]:
    """`rubric` and `quality` of each session `[sessions]`, by reader, averages and weights that did not see it."""
    fold = turns.folds(seed)
    given = {name: np.full(len(fold), np.nan) for name in ("rubric", "quality")}
    for number in np.unique(fold):
        inside = fold != number
        inner = turns.left_out(inside, seed + 100)
        mean, spread = np.nanmean(inner[inside], 0), np.nanstd(inner[inside], 0)
        coefficients = fit_quality(inner[inside], turns.high[inside], mean, spread)
        for row, found in turns.table(turns.fit(inside), ~inside).items():
            given["rubric"][row] = score(found, mean, spread).total
            given["quality"][row] = quality(found, mean, spread, coefficients)
    return given


def measure(turns: Turns, seeds: int = 3) -> dict[str, Any]:
    """
    Area under the ROC curve of sessions that neither the reader, nor the averages, nor the weights have seen.

    Returns:
        `rubric` and `quality`: each the mean over the seeds, with the interval of a bootstrap by session on the mean
        scores; `rubric_high`, `rubric_low`: mean and standard deviation.
    """
    from pixel.metrics.auc import auc
    from pixel.metrics.bootstrap import bootstrap_interval

    folded = [out_of_fold(turns, seed) for seed in range(seeds)]
    scores = {name: [given[name] for given in folded] for name in ("rubric", "quality")}
    report: dict[str, Any] = {}
    for name, runs in scores.items():
        known = ~np.isnan(runs[0])
        mean_score, high = np.mean(runs, 0)[known], turns.high[known]
        interval = bootstrap_interval(
            lambda rows, high=high, given=mean_score: auc(high[rows], given[rows]), int(known.sum()), resamples=1000
        )
        report[name] = {
            "auc": round(float(np.mean([auc(high, run[known]).value for run in runs])), 3),
            "interval": [round(edge, 3) for edge in interval] if interval else None,
        }
        for kind, rows in (("high", high), ("low", ~high)):
            report[name][kind] = [round(float(mean_score[rows].mean()), 2), round(float(mean_score[rows].std()), 2)]
    report["sessions"] = {"high": int(turns.high.sum()), "low": int((~turns.high).sum())}
    return report


def fit_behaviours(turns: Turns, file: Path) -> None:
    """Fit on all sessions and keep the reader, the averages of the features on unseen sessions, and the quality."""
    from safetensors.numpy import save_file

    every = np.ones(len(turns.sessions), dtype=bool)
    unseen = turns.left_out(every, 0)
    mean, spread = np.nanmean(unseen, 0), np.nanstd(unseen, 0)
    tensors = turns.fit(every) | {
        "mean": mean,
        "spread": spread,
        "quality": fit_quality(unseen, turns.high, mean, spread),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(tensor, dtype=np.float32) for name, tensor in tensors.items()}, file)


def behaviour_auc(turns: Turns, seed: int = 0) -> dict[str, float]:
    """How well each behaviour is read in sessions that were not fitted on."""
    from pixel.metrics.auc import auc

    fold, given, truth = turns.folds(seed), [], []
    for number in range(FOLDS):
        tensors = turns.fit(fold != number)
        for row in np.flatnonzero(fold == number):
            given.append(turns.helper[row] @ tensors["acts"][:, : len(BEHAVIOURS)])
            truth.append(np.array(turns.sessions[row].acts).reshape(-1, 10)[:, : len(BEHAVIOURS)])
    scores, labels = np.concatenate(given), np.concatenate(truth)
    return {name: round(auc(labels[:, i], scores[:, i]).value or 0.0, 3) for i, name in enumerate(BEHAVIOURS)}


def _ridge(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted ridge regression with an intercept: `[columns, targets]` and `[targets]`."""
    weight = (weight / weight.mean())[:, None]
    middle, average = (weight * x).sum(0) / weight.sum(), (weight * y).sum(0) / weight.sum()
    centred = x - middle
    out = np.linalg.solve(
        (centred * weight).T @ centred + PENALTY * np.eye(x.shape[1]), (centred * weight).T @ (y - average)
    )
    return out, average - middle @ out
