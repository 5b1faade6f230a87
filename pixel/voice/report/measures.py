"""Distributions of what was measured on segments, as histograms with their numbers."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from pixel.voice.segment import Segment

BINS = 24
TITLES = {
    "snr_db": ("Signal to noise", "dB"),
    "loudness_lufs": ("Loudness", "LUFS"),
    "bandwidth_hz": ("Bandwidth", "Hz"),
    "clipped_share": ("Clipped samples", "share"),
    "mos_ovr": ("Predicted opinion, overall", "1 to 5"),
    "mos_sig": ("Predicted opinion, speech", "1 to 5"),
    "mos_bak": ("Predicted opinion, background", "1 to 5"),
    "word_probability": ("Word probability, mean", "0 to 1"),
    "agreement": ("Agreement of two models", "0 to 1"),
    "expected_wer": ("Expected word error rate", "share"),
    "mean_logprob": ("Log-probability of tokens, mean", "nats"),
    "words_per_minute": ("Words a minute", "words"),
    "punctuation": ("Punctuation marks a word", "share"),
    "repetition": ("Repeated pairs of words", "share"),
    "compression_ratio": ("Compression ratio", "ratio"),
    "seconds": ("Length of a segment", "s"),
}
"""Measures in the order they are shown, with title and unit; others follow under their own names."""


def values_of(segments: Sequence[Segment]) -> dict[str, np.ndarray]:
    """Measures by name, `[segments]`, NaN where one was not taken: `quality`, and what the transcriber itself said."""
    rows = []
    for one in segments:
        seconds = one.end - one.start
        row: dict[str, Any] = {
            "seconds": seconds,
            "words_per_minute": 60 * len(one.text.split()) / seconds if seconds > 0 else None,
            "word_probability": one.word_probability,
            "mean_logprob": one.mean_logprob,
            "compression_ratio": one.compression_ratio,
            "agreement": one.agreement,
        }
        rows.append(row | {name: value for name, value in one.quality.items() if value is not None})
    columns: dict[str, np.ndarray] = defaultdict(lambda: np.full(len(rows), np.nan))
    for place, row in enumerate(rows):
        for name, value in row.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                columns[name][place] = value
    return dict(columns)


def histograms(segments: Sequence[Segment], bins: int = BINS) -> list[dict[str, Any]]:
    """
    One row a measure that was taken: `name`, `title`, `unit`, `n`, `missing`, `low`, `median` and `high` (the 5th,
    50th and 95th percentile), `edges` and `counts`. The ends hold what lies beyond the 1st and 99th percentile.
    """
    rows = []
    found = values_of(segments)
    order = [name for name in TITLES if name in found] + sorted(name for name in found if name not in TITLES)
    for name in order:
        values = found[name]
        known = values[np.isfinite(values)]
        if not len(known):
            continue
        title, unit = TITLES.get(name, (name.replace("_", " "), ""))
        low, high = np.quantile(known, [0.01, 0.99])
        if high - low < 1e-9:
            low, high = low - 0.5, high + 0.5
        counts, edges = np.histogram(np.clip(known, low, high), bins, (low, high))
        p5, median, p95 = np.quantile(known, [0.05, 0.5, 0.95])
        row = {"name": name, "title": title, "unit": unit, "n": len(known), "missing": len(values) - len(known)}
        row |= {"low": float(p5), "median": float(median), "high": float(p95)}
        rows.append(row | {"edges": edges.tolist(), "counts": counts.tolist()})
    return rows
