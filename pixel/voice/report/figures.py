"""All that a page shows, as plain values: also the file for whoever wants the numbers."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pixel.voice.personality.consistency.drift import Vector
from pixel.voice.personality.consistency.drift_reference import DriftReference, default_drift_reference
from pixel.voice.personality.consistency.likeness import Likeness, default_likeness
from pixel.voice.personality.consistency.samples import voices_of
from pixel.voice.report.claimed import Claim
from pixel.voice.report.claims import authenticity_rows
from pixel.voice.report.coverage import coverage, quarantined, reasons, totals
from pixel.voice.report.measures import histograms
from pixel.voice.report.names import Names
from pixel.voice.report.reading import Heard
from pixel.voice.report.voices import read_voices


def figures(
    heard: Heard,
    vector: Vector,
    likeness: Likeness | None = None,
    reference: DriftReference | None = None,
    conversations: Iterable[Claim] = (),
    shown: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """
    Args:
        heard: see `read_folder`.
        vector: a text's fingerprint, of length 1.
        likeness, reference: fitted with the same; default: Pixel's own.
        conversations: what is said in a voice's name (`read_claims`).
        shown: names as in the data instead of numbers.
        seed: of intervals and resampling.

    Returns:
        JSON values; no text of what was said.
    """
    likeness, reference = likeness or default_likeness(), reference or default_drift_reference()
    names = Names([row["file"] for row in heard.files], shown)
    voices = voices_of(heard.trained_on, heard.files)
    claims = list(conversations)
    return {
        "shown": shown,
        "settings": _settings(heard, shown),
        "totals": totals(heard),
        "coverage": coverage(heard, voices_of(heard.segments, heard.files), names),
        "quarantined": quarantined(heard, names),
        "guards": reasons([(one, one.flags) for one in heard.dropped]),
        "looked": heard.selected is not None,
        "unselected": reasons(heard.unselected),
        "histograms": histograms(heard.segments),
        "voices": read_voices(voices, vector, likeness, reference, names, seed),
        "claims": authenticity_rows(claims, voices, vector, likeness, names) if claims else [],
    }


def _settings(heard: Heard, shown: bool) -> dict[str, Any]:
    """What was set; a model's folder by its last name, as the rest of the path says where somebody's files lie."""
    given = heard.summary.get("settings") or {}
    folders = {name for name, value in given.items() if isinstance(value, str) and Path(value).is_absolute()}
    return {name: Path(value).name if name in folders and not shown else value for name, value in given.items()}
