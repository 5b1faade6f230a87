"""All that a page shows, as plain values: also the file for whoever wants the numbers."""

from collections.abc import Iterable, Sequence
from typing import Any

from pixel.voice.personality.consistency.drift import Vector
from pixel.voice.personality.consistency.drift_reference import DriftReference, default_drift_reference
from pixel.voice.personality.consistency.likeness import Likeness, default_likeness
from pixel.voice.personality.consistency.samples import voices_of
from pixel.voice.report.claims import authenticity_rows, known_voices
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
    conversations: Iterable[tuple[str, Sequence[str]]] = (),
    shown: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """
    Args:
        heard: see `read_folder`.
        vector: a text's fingerprint, of length 1.
        likeness, reference: fitted with the same; default: Pixel's own.
        conversations: voice claimed and what is said in it.
        shown: names as in the data instead of numbers.
        seed: of intervals and resampling.

    Returns:
        JSON values; no text of what was said.
    """
    likeness, reference = likeness or default_likeness(), reference or default_drift_reference()
    names = Names([row["file"] for row in heard.files], shown)
    voices = voices_of(heard.trained_on, heard.files)
    claims = list(conversations)
    known = known_voices(voices, vector) if claims else {}
    return {
        "shown": shown,
        "settings": heard.summary.get("settings") or {},
        "totals": totals(heard),
        "coverage": coverage(heard, voices_of(heard.segments, heard.files), names),
        "quarantined": quarantined(heard, names),
        "guards": reasons([(one, one.flags) for one in heard.dropped]),
        "looked": heard.selected is not None,
        "unselected": reasons(heard.unselected),
        "histograms": histograms(heard.segments),
        "voices": read_voices(voices, vector, likeness, reference, names, seed),
        "claims": authenticity_rows(claims, known, vector, likeness, names) if claims else [],
    }
