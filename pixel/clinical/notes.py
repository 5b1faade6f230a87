"""What a person is shown when the monitor sees a crisis: a sentence, ways to a person, and what Pixel is."""

from pixel.clinical.observation import Observation
from pixel.clinical.risk_reading import URGENCIES
from pixel.clinical.safety_guide import SafetyGuide, safety_guide

SHOWN_FROM = "soon"
PROGRAM = "  Pixel is a program, can be wrong, and cannot come to you."


def crisis_note(seen: Observation, general: str, guide: SafetyGuide | None = None) -> str | None:
    """
    The note for the person's last message.

    Args:
        seen: what the monitor saw.
        general: the note for suicide where no country is known.
        guide: the safety file (default: the one that ships with Pixel).

    Returns:
        `None` unless that message alone is urgent enough (`soon` or more).
    """
    if URGENCIES.index(seen.fresh) < URGENCIES.index(SHOWN_FROM) or seen.resources is None:
        return None
    if seen.fresh_kind in ("suicide", "none") and seen.resources.region is None:
        return general
    kind = (guide or safety_guide()).kind("suicide" if seen.fresh_kind == "none" else seen.fresh_kind)
    return "\n".join([*([kind.say] if kind else []), seen.resources.words(), PROGRAM])
