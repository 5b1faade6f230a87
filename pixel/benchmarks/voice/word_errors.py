"""Word error rate of Pixel beside raw Faster Whisper, on real speech with known words."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from pixel.benchmarks.voice.references import Errors, errors, references
from pixel.benchmarks.voice.ways import ways
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.measure import Measure, defined
from pixel.voice.transcription.settings import Settings

WAYS = ("raw sequential", "raw batched, VAD", "Pixel without guards", "Pixel")
AGAINST = "raw batched, VAD"


def word_errors(
    data_root: str | Path,
    models: Sequence[str] = ("embedded:tiny.en", "embedded:base"),
    settings: Settings | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """
    Args:
        data_root: holds `speech/`.
        models: as `Settings.model`.
        settings: for every way; the model is set from `models`.
        seed: of the bootstrap.

    Returns:
        a row for a recording, a model and a way: words, the percentages of words put wrong, left out and put in, their
        sum `wer` with a 95 percent interval over utterances (none for fewer than two), and `difference` of it to raw
        batched on the same utterances, in points, with its interval.
    """
    rows, settings = [], settings or Settings()
    recordings = references(data_root)
    for model in models:
        made = ways(replace(settings, model=model), WAYS)
        for recording in recordings:
            heard = {
                name: errors(recording.texts, way(recording.samples))
                for name, way in tqdm(made.items(), f"{recording.name}, {model}", leave=False)
            }
            for name, found in heard.items():
                rows.append(
                    {"recording": recording.name, "model": model, "way": name}
                    | rates(found, seed)
                    | against(found, heard[AGAINST], seed)
                )
    return rows


def rates(found: Errors, seed: int) -> dict[str, Any]:
    """Percentages of the words of the reference."""
    total = found.words.sum()

    def statistic(chosen: np.ndarray) -> Measure:
        return defined(100 * float(found.wrong[chosen].sum() / found.words[chosen].sum()))

    low, high = bootstrap_interval(statistic, len(found.words), seed=seed) or (None, None)
    parts = {name: 100 * float(getattr(found, name).sum() / total) for name in ("substituted", "deleted", "inserted")}
    return {"words": int(total), **parts, "wer": sum(parts.values()), "low": low, "high": high}


def against(found: Errors, other: Errors, seed: int) -> dict[str, Any]:
    """Points of word error rate more than the other's, over the same draws of utterances."""
    more = found.wrong - other.wrong

    def statistic(chosen: np.ndarray) -> Measure:
        return defined(100 * float(more[chosen].sum() / found.words[chosen].sum()))

    low, high = bootstrap_interval(statistic, len(more), seed=seed) or (None, None)
    return {
        "difference": 100 * float(more.sum() / found.words.sum()),
        "difference_low": low,
        "difference_high": high,
    }
