"""Plain sentences out of a profile: only markers that are stable enough and outside what is usual, as counts."""

from collections.abc import Mapping
from typing import Any

from pixel.voice.personality.marker import Marker
from pixel.voice.personality.markers import emotion, empathy, prosody, responses, rhythm, speech, style, vocabulary
from pixel.voice.personality.reference import Reference, Standing, survives

RELIABLE = 0.5
"""Reliability at the text's length from which a marker is mentioned."""
UNUSUAL = 0.85
"""Share of the others beyond whom a value has to lie, on either side."""
MOST = 8
NOTE = "These are counts from this talk: another topic can move them."
WHOM = {"meetings": "people in meetings", "therapists": "therapists", "clients": "clients of therapists"}
MARKERS: dict[str, Marker] = {
    f"{family.__name__.rsplit('.', 1)[-1]}.{name}": marker
    for family in (speech, vocabulary, style, rhythm, responses, emotion, empathy, prosody)
    for name, marker in family.MARKERS.items()
}


def readable(
    profiled: Mapping[str, Any], standing: Mapping[str, Standing], usual: Reference, transcript: bool = False
) -> list[str]:
    """
    Args:
        profiled: families of markers, `words`, `against`, `feelings`.
        standing: `family.marker` -> where it stands.
        usual: what it was compared with.
        transcript: a machine wrote the text down; markers that it changes are not said.

    Returns:
        the most unusual of the stable markers first, at most 8 and one for each thing said, and that they are counts;
        then what was heard and read, without a comparison where there is none. Never a word of character.
    """
    if profiled["words"] < usual.least_words:
        return [f"{profiled['words']} words are too few to say what stands out: {usual.least_words} are needed."]
    whom, said = WHOM[profiled["against"]], {}
    stable = {
        name: place
        for name, place in standing.items()
        if name in MARKERS and (place.reliability or 0) >= RELIABLE and (not transcript or survives(name))
    }
    for name, place in sorted(stable.items(), key=lambda item: (-_apart(item[1]), -item[1].reliability, item[0])):
        if _apart(place) < UNUSUAL:
            break
        family, key = name.split(".", 1)
        said.setdefault(_statement(MARKERS[name], place), _sentence(MARKERS[name], profiled[family][key], place, whom))
    sentences = (
        [*list(said.values())[:MOST], NOTE]
        if said
        else [f"Nothing that {profiled['words']} words can show reliably lies outside what is usual for {whom}."]
    )
    return sentences + _facts(profiled)


def _apart(place: Standing) -> float:
    return max(place.percentile, 1 - place.percentile)


def _statement(marker: Marker, place: Standing) -> str:
    return marker.high if place.percentile > 0.5 else marker.low


def _sentence(marker: Marker, value: float, place: Standing, whom: str) -> str:
    side = "more" if place.percentile > 0.5 else "less"
    statement = _statement(marker, place)
    return (
        f"{statement[0].upper()}{statement[1:]} ({marker.label}: {marker.shown(value)}; {side} than"
        f" {100 * _apart(place):.0f}% of {whom})."
    )


def _facts(profiled: Mapping[str, Any]) -> list[str]:
    out = []
    pace, pause = profiled["rhythm"]["words_per_minute"], profiled["rhythm"]["pause_median"]
    if pace is not None:
        pauses = "" if pause is None else f", with a median pause of {pause:.2f} s"
        out.append(f"Speaks {pace:.0f} words a minute{pauses} (not compared with others).")
    gap = profiled["rhythm"]["response_latency"]
    if gap is not None:
        side = "after" if gap >= 0 else "before"
        out.append(f"Mostly answers {abs(gap):.2f} s {side} the other has ended (not compared with others).")
    if profiled["feelings"]:
        names = ", ".join(list(profiled["feelings"])[:3])
        out.append(f"Feelings that a model reads most in the words: {names} (its reading, not compared with others).")
    return out
