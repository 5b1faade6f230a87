"""Which quality scores tell how wrong a transcript is: each beside the true word error rate, segment by segment."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixel.benchmarks.voice.accuracy_weights import SIGNS, foretold
from pixel.benchmarks.voice.decoded_noisy import decoded_noisy
from pixel.metrics.auc import auc
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.spearman import spearman

BAD = 0.3
"""Word error rate above which a segment counts as bad."""
GOOD_WHEN_HIGH = (
    "snr_db", "mos_ovr", "mos_sig", "mos_bak", "word_probability", "least_word_probability", "mean_logprob",
    "agreement", "punctuation", "bandwidth_hz", "loudness_lufs", "words_per_minute",
)  # fmt: skip
GOOD_WHEN_LOW = ("no_speech", "compression_ratio", "repetition", "clipped_share")


def quality_errors(
    data_root: str | Path, per_speaker: int = 2, clean_only: int = 3, mos: bool = True, seed: int = 0
) -> list[dict[str, Any]]:
    """
    Decode noisy utterances (see `decoded_noisy`) and hold every score against the word error rate.

    Args:
        data_root: with `speech/`.
        per_speaker: utterances, each under every condition.
        clean_only: further ones, each as recorded.
        mos: also the predicted opinion scores.
        seed: of the noises.

    Returns:
        rows of `score_rows`. `python -m pixel.benchmarks.voice.accuracy_file` prints the same and fits anew what
        `pixel.voice.quality.accuracy` foretells by.
    """
    return score_rows(list(decoded_noisy(data_root, per_speaker, clean_only, mos=mos, seed=seed)))


def score_rows(rows: Sequence[dict[str, Any]], resamples: int = 500) -> list[dict[str, Any]]:
    """
    Args:
        rows: of `decoded_noisy`.
        resamples: of the bootstrap.

    Returns:
        rows `score`, `spearman` with the word error rate (the sign turned so that a useful score is above 0), `auc` of
        finding segments with a word error rate above .3, each with a 95 percent interval (drawing utterances with all
        their conditions; they are of five speakers, so that it says little of others), `n`, `bad`. The `expected_wer`
        rows are fitted on the other four speakers.
    """
    true = np.array([min(row["wer"], 1.0) for row in rows])
    names = np.array([row["name"] for row in rows])
    found = []
    for name in (*GOOD_WHEN_HIGH, *GOOD_WHEN_LOW):
        values = np.array([np.nan if row.get(name) is None else row[name] for row in rows], dtype=float)
        if np.isfinite(values).any():
            found.append(_row(name, true, -values if name in GOOD_WHEN_HIGH else values, names, resamples))
    for name, signs in SIGNS.items():
        known = [place for place, row in enumerate(rows) if all(row.get(sign) is not None for sign in signs)]
        if known:
            told = foretold([rows[place] for place in known], signs)
            row = _row(f"expected_wer, {name.replace('_', ' ')}", true[known], told, names[known], resamples)
            found.append(row | {"mean_error": float(np.mean(np.abs(told - true[known])))})
    return sorted(found, key=lambda row: -(row["spearman"] or 0.0))


def _row(score: str, true: np.ndarray, told: np.ndarray, names: np.ndarray, resamples: int) -> dict[str, Any]:
    known = np.isfinite(told)
    true, told, names = true[known], told[known], names[known]
    bad = true > BAD
    row: dict[str, Any] = {"score": score}
    for label, measure in (
        ("spearman", lambda some: spearman(true[some], told[some])),
        ("auc", lambda some: auc(bad[some], told[some])),
    ):
        value = measure(np.arange(len(true))).value
        interval = None
        if value is not None:
            interval = bootstrap_interval(measure, len(true), names, resamples=resamples)
        low, high = interval or (None, None)
        row |= {label: value, f"{label}_low": low, f"{label}_high": high}
    return row | {"mean_error": None, "n": len(true), "bad": int(bad.sum())}
