"""How one person speaks: markers by family, where they stand among others, how stable they are, plain sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.voice.personality.markers import (
    emotion,
    empathy,
    prosody,
    responses,
    rhythm,
    speech,
    style,
    traits,
    vocabulary,
)
from pixel.voice.personality.markers.turns import speakers
from pixel.voice.personality.readable import readable
from pixel.voice.personality.reference import reference
from pixel.voice.personality.words import words
from pixel.voice.segment import Segment

TEXT_FAMILIES = {"speech": speech, "vocabulary": vocabulary, "style": style}
FAMILIES = TEXT_FAMILIES | {
    "rhythm": rhythm,
    "responses": responses,
    "emotion": emotion,
    "empathy": empathy,
    "prosody": prosody,
}
NO_HELPER = "read as the user's turns: the empathy heads were learned from those who answer"
NO_READER = "no read-outs: give a reader's records of this speaker's turns"


def profile(
    text: str,
    segments: Sequence[Segment | Mapping[str, Any]] | None = None,
    readouts: Sequence[Mapping[str, Any]] | None = None,
    *,
    speaker: str | None = None,
    reader: Any = None,
    samples: np.ndarray | None = None,
    against: str = "meetings",
) -> dict[str, Any]:
    """
    Args:
        text: everything one speaker said, with punctuation.
        segments: of everybody in the same recording (or their rows), for rhythm and responses. The text is then taken
            for a transcript: what Whisper changes is not said in `readable`.
        readouts: a model's records of this speaker's turns, in order, as `pixel.inference.ConversationReader` gives
            them, for emotion and empathy.
        speaker: whose profile it is, where the segments name several.
        reader: `BehaviourReader`, for what answers do (questions, reflections, advice).
        samples: float32 mono 16 kHz of the recording, for prosody.
        against: whom the speaker is compared with, of `reference.REFERENCES`.

    Returns:
        JSON:
        `words`: how many; `against`: with whom it was compared;
        one dictionary a family of `FAMILIES`, marker -> value or null;
        `traits`: lexical indicators with what they are drawn from, their source and limits;
        `feelings`: those read most;
        `standing`: `family.marker` -> percentile, reliability at this length, ... (`reference.Standing`);
        `missing`: family (or `family.marker`) -> why it is null;
        `readable`: sentences.

    Raises:
        ValueError: the segments do not name `speaker`, or `against` is none of the references.
    """
    count, usual, missing = len(words(text)), reference(against), {}
    out: dict[str, Any] = {"words": count, "against": against}
    out |= {name: family.measure(text) for name, family in TEXT_FAMILIES.items()}
    if out["vocabulary"]["commonness"] is None and not vocabulary.frequencies():
        missing["vocabulary.commonness"] = 'wordfreq is not installed: pip install -e ".[voice]"'
    missing |= _too_few(out, missing)
    segments = [one if isinstance(one, Segment) else Segment.from_row(one) for one in segments or ()]
    out |= _heard(segments, speaker, reader, samples, missing)
    out |= _read(readouts, missing)
    standing = {
        name: place for name, value in flat(out).items() if (place := usual.standing(name, value, count)) is not None
    }

    def z(name: str) -> float | None:
        return standing[f"style.{name}"].z if f"style.{name}" in standing else None

    indicators = traits.measure(z)
    if any(value is None for value in indicators.values()):
        missing["traits"] = f"{count} words are too few: {usual.least_words} needed"
    for name, value in indicators.items():
        if (place := usual.standing(f"traits.{name}", value, count)) is not None:
            standing[f"traits.{name}"] = place
    told = {key: value for key, value in traits.published().items() if key != "traits"}
    return {
        name: _rounded(value) if name in FAMILIES else value for name, value in out.items()
    } | {
        "traits": told | traits.explained(indicators, z),
        "standing": {name: place.record() for name, place in standing.items()},
        "missing": missing,
        "readable": readable(out, standing, usual, transcript=bool(segments)),
    }  # fmt: skip


def flat(profiled: Mapping[str, Any]) -> dict[str, float]:
    """`family.marker` -> number, those that were measured: a profile as a row of a table."""
    return {
        f"{family}.{name}": value
        for family in FAMILIES
        for name, value in profiled.get(family, {}).items()
        if value is not None
    }


def text_markers(text: str) -> dict[str, float | None]:
    """`family.marker` -> number or null, of the families that need nothing but words."""
    return {
        f"{name}.{key}": value for name, family in TEXT_FAMILIES.items() for key, value in family.measure(text).items()
    }


def _too_few(out: Mapping[str, Any], missing: Mapping[str, str]) -> dict[str, str]:
    """Markers of the text that are null for want of words, or their family where none of it is there."""
    reason, found = f"{out['words']} words are too few for it", {}
    for family in TEXT_FAMILIES:
        nulls = [name for name, value in out[family].items() if value is None]
        if len(nulls) == len(out[family]):
            found[family] = reason
        else:
            found |= {f"{family}.{name}": reason for name in nulls if f"{family}.{name}" not in missing}
    return found


def _heard(segments, speaker, reader, samples, missing: dict[str, str]) -> dict[str, Any]:
    """Rhythm, responses and prosody, and why they are null."""
    out: dict[str, Any] = {name: dict.fromkeys(FAMILIES[name].MARKERS) for name in ("rhythm", "responses", "prosody")}
    named = speakers(segments)
    if speaker is not None and speaker not in named:
        raise ValueError(f"no segment is {speaker!r}'s. Mend: name one of: {', '.join(named) or 'nobody is named'}")
    if speaker is None and len(named) > 1:
        reason = f"segments of {len(named)} speakers: say whose profile it is with speaker="
        missing |= dict.fromkeys(out, reason)
        return out
    speaker = speaker or (named[0] if named else None)
    own = [segment for segment in segments if segment.speaker == speaker]
    if not own:
        missing |= dict.fromkeys(("rhythm", "responses"), "no segments")
    else:
        out["rhythm"] = rhythm.measure(segments, speaker)
        out["responses"] = responses.measure(segments, speaker, reader)
        if out["rhythm"]["words_per_minute"] is None:
            nothing = all(value is None for value in out["rhythm"].values())
            missing["rhythm" if nothing else "rhythm.words_per_minute"] = (
                "too few words with times: transcribe with word timestamps"
            )
        if out["responses"]["answers_with_question"] is None:
            missing["responses"] = f"fewer than {responses.LEAST_ANSWERS} answers to another speaker"
        elif reader is None:
            missing["responses.reads"] = "no reader of behaviours was given"
    if samples is None or not own:
        missing["prosody"] = "no recording" if samples is None else "no segments"
    elif not prosody.installed():
        missing["prosody"] = 'praat-parselmouth is not installed: pip install -e ".[prosody]"'
    else:
        out["prosody"] = prosody.measure(samples, [(segment.start, segment.end) for segment in own])
    return out


def _read(readouts, missing: dict[str, str]) -> dict[str, Any]:
    """Emotion and empathy, and why they are null."""
    readouts = list(readouts or ())
    out = {"emotion": emotion.measure(readouts), "empathy": empathy.measure(readouts)}
    if readouts and all(record.get("role") == "user" for record in readouts):
        out["empathy"], missing["empathy"] = dict.fromkeys(empathy.MARKERS), NO_HELPER
    for name, values in out.items():
        if name in missing:
            continue
        if not readouts:
            missing[name] = NO_READER
        elif len(readouts) < emotion.LEAST_TURNS:
            missing[name] = f"{len(readouts)} turns are too few: {emotion.LEAST_TURNS} needed"
        elif all(value is None for value in values.values()):
            missing[name] = "the model that read the turns was not trained on this"
    return out | {"feelings": emotion.distribution(readouts)}


def _rounded(values: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(float(value), 4) for name, value in values.items()}
