"""Words that nobody said, before the guards and after them; and what the guards cost true speech."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from pixel.benchmarks.voice.references import errors, references
from pixel.benchmarks.voice.sounds import KINDS, sound
from pixel.benchmarks.voice.ways import ways
from pixel.voice.transcription.settings import Settings

LEVELS = (-12.0, -30.0, -50.0)  # dBFS
ON_SPEECH = ("raw sequential", "raw batched, VAD", "Pixel without guards", "Pixel")


def hallucinations(
    minutes: float = 12.0,
    file_minutes: float = 2.0,
    kinds: Sequence[str] = tuple(KINDS),
    settings: Settings | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """
    Args:
        minutes: of every kind, in files of `file_minutes`, each with a seed of its own, at three levels in turn.

    Returns:
        a row a kind: minutes, and for every way the words it writes an hour. All of them are spurious.
    """
    made, rows = ways(settings or Settings()), []
    files = max(1, round(minutes / file_minutes))
    for kind in tqdm(kinds, "hallucinations"):
        words = dict.fromkeys(made, 0)
        for file in range(files):
            samples = sound(kind, 60 * file_minutes, LEVELS[file % len(LEVELS)], seed + file)
            for name, way in made.items():
                words[name] += len(re.findall(r"\w+", way(samples)))
        hours = files * file_minutes / 60
        rows.append({"sound": kind, "minutes": 60 * hours} | {name: count / hours for name, count in words.items()})
    return rows


def clipped(samples: np.ndarray, share: float) -> np.ndarray:
    """
    Overdriven so that this share of the samples lies at the limit.

    Returns:
        float32 as long, at the limit of -0.4 dBFS.
    """
    limit = np.quantile(np.abs(samples), 1 - share)
    return (samples.clip(-limit, limit) / limit * 0.95).astype(np.float32)


def on_speech(
    data_root: str | Path, shares: Sequence[float] = (0.0, 0.2), settings: Settings | None = None
) -> list[dict[str, Any]]:
    """
    Real speech, as it is and with a share of its samples clipped.

    Returns:
        a row for a recording, a share and a way: `spurious_an_hour`, words put in beyond the reference; `lost`,
        percentage of the reference's words left out; `wrong`, of those put wrong; `lost_to_guards`, words of the
        reference that Pixel finds without its guards and not with them, as a percentage (below 0: it finds more,
        because it decodes again what was lost).
    """
    made, rows = ways(settings or Settings(), ON_SPEECH), []
    for recording in references(data_root):
        hours = len(recording.samples) / 16_000 / 3600
        for share in shares:
            samples = clipped(recording.samples, share) if share else recording.samples
            lost: dict[str, float] = {}
            for name, way in tqdm(made.items(), f"{recording.name}, {share:.0%} clipped", leave=False):
                found = errors(recording.texts, way(samples))
                total = found.words.sum()
                lost[name] = 100 * float(found.deleted.sum() / total)
                rows.append(
                    {
                        "recording": recording.name,
                        "clipped": share,
                        "way": name,
                        "spurious_an_hour": float(found.inserted.sum() / hours),
                        "lost": lost[name],
                        "wrong": 100 * float(found.substituted.sum() / total),
                        "lost_to_guards": lost[name] - lost["Pixel without guards"] if name == "Pixel" else None,
                    }
                )
    return rows
