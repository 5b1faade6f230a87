"""Markers of how somebody speaks: how stable each one is, and which of them live through Whisper."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.spearman import spearman
from pixel.voice.personality.marker_reference import build, meeting_speakers
from pixel.voice.personality.profile import text_markers
from pixel.voice.personality.readable import RELIABLE
from pixel.voice.personality.reference import Reference, reference
from pixel.voice.personality.two_samples import apart_samples

VOICES = ("en-us", "en-gb-x-rp", "en-us+f3", "en-gb-x-rp+f2", "en-us+m3", "en-gb-scotland", "en-us+f5")
TRANSCRIBED = ("marker", "speakers", "rho", "low", "high", "shift")
HEADER = ("marker", "words", "speakers", "reliability", "low", "high", "stability", "auc", "auc_low", "auc_high")


def reliabilities(against: str = "meetings", data_root: str | Path | None = None) -> list[dict[str, Any]]:
    """
    Every marker at every length, the most reliable first.

    Args:
        against: of `pixel.voice.personality.reference.REFERENCES`.
        data_root: measure anew; `None` reads what is shipped.

    Returns:
        rows with the keys of `HEADER`: reliability of samples spread over one talk with its 95% interval over groups
        of speakers, stability from the start of a talk to its end, and how often a speaker is nearer to themself.
    """
    usual = Reference(build(data_root)[against]) if data_root is not None else reference(against)
    rows = [
        {"marker": name, "words": words} | {key: row.get(key) for key in HEADER[2:]}
        for words, markers in sorted(usual.lengths.items())
        for name, row in markers.items()
    ]
    return sorted(rows, key=lambda row: (row["words"], -(row["reliability"] or -1)))


def how_many_reliable(against: str = "meetings") -> list[dict[str, Any]]:
    """Rows `words`, `speakers`, `markers`, `reliable` (at least .5), `stable` (from start to end) and the best AUC."""
    out = []
    for words, markers in sorted(reference(against).lengths.items()):
        rows = [row for name, row in markers.items() if not name.startswith("traits.")]
        out.append(
            {
                "words": words,
                "speakers": max(row["speakers"] for row in rows),
                "markers": len(rows),
                "reliable": sum((row["reliability"] or 0) >= RELIABLE for row in rows),
                "stable": sum((row.get("stability") or 0) >= RELIABLE for row in rows),
                "best_auc": max(row["auc"] or 0 for row in rows),
            }
        )
    return out


def through_whisper(
    data_root: str | Path, speakers: int = 24, words: int = 200, model: str = "embedded:tiny.en"
) -> list[dict[str, Any]]:
    """
    Which markers come through transcription: AMI's words, spoken by espeak-ng, heard by Whisper.

    Args:
        data_root: with `ami/`.
        speakers: evenly picked of those who say twice `words`.
        words: of each.
        model: of the transcriber.

    Returns:
        rows with the keys of `TRANSCRIBED`, the best first: Spearman's rho between the markers of the text and those
        of its transcript with its 95% interval over speakers, and the mean shift in standard deviations of the text's.
        A machine speaks, so punctuation is heard from its pauses: a lower bound for well-articulated speech, and none
        for noisy one.
    """
    from pixel.benchmarks.synthetic_speech import speak
    from pixel.voice.transcription.settings import Settings
    from pixel.voice.transcription.transcriber import Transcriber

    texts = [pair[0] for one in meeting_speakers(data_root) if (pair := apart_samples(one.text, words))]
    picked = [texts[at] for at in np.linspace(0, len(texts) - 1, min(speakers, len(texts))).round().astype(int)]
    transcriber, heard = Transcriber(Settings(model=model, beam_size=1)), []
    for number, text in enumerate(picked):
        said = speak(text.replace("_", " "), VOICES[number % len(VOICES)], words_a_minute=165)
        found = transcriber.window(f"{number}.wav", said, 0.0, "en")
        heard.append(" ".join(segment.text for segment in found.kept))
    return compared([text_markers(text) for text in picked], [text_markers(text) for text in heard])


def compared(written: Sequence[dict], heard: Sequence[dict]) -> list[dict[str, Any]]:
    """Rows of `through_whisper` from the markers of texts and of their transcripts, in the same order."""
    rows = []
    for name in written[0]:
        table = np.array([[one[name], other[name]] for one, other in zip(written, heard, strict=True)], dtype=float)
        table = table[~np.isnan(table).any(1)]
        rho = spearman(*table.T) if len(table) > 1 else None
        if rho is None or rho.value is None:
            continue
        between = bootstrap_interval(lambda at, table=table: spearman(*table[at].T), len(table)) or (None, None)
        shift = float((table[:, 1] - table[:, 0]).mean() / max(table[:, 0].std(), 1e-9))
        rows.append(dict(zip(TRANSCRIBED, (name, len(table), rho.value, *between, shift), strict=True)))
    return sorted(rows, key=lambda row: -row["rho"])
