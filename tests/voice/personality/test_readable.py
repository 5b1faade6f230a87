import pytest

from pixel.voice.personality.profile import FAMILIES
from pixel.voice.personality.readable import MOST, NOTE, readable
from pixel.voice.personality.reference import Reference, Standing

USUAL = Reference({"about": "planted", "lengths": {"150": {}}})


def place(percentile, reliability=0.8):
    return Standing(percentile, 0.0, reliability, 0.5, 0.9, 0.4, 0.7, 300, 100)


def profiled(**values):
    empty = {name: dict.fromkeys(family.MARKERS) for name, family in FAMILIES.items()}
    out = empty | {"words": 400, "against": "meetings", "feelings": {}}
    for name, value in values.items():
        family, key = name.split("__")
        out[family] = out[family] | {key: value}
    return out


def test_an_unusual_reliable_marker_is_said_with_its_number_and_place():
    found = readable(profiled(speech__questions=0.02), {"speech.questions": place(0.05)}, USUAL)
    assert found == [
        "Asks few questions (sentences that are questions: 2%; less than 95% of people in meetings).",
        NOTE,
    ]


@pytest.mark.parametrize("standing", [place(0.3), place(0.99, 0.3), place(0.01, None)])
def test_usual_or_unreliable_markers_are_not_said(standing):
    found = readable(profiled(speech__questions=0.3), {"speech.questions": standing}, USUAL)
    assert found == ["Nothing that 400 words can show reliably lies outside what is usual for people in meetings."]


def test_one_thing_is_said_once_by_its_most_unusual_marker():
    values = profiled(vocabulary__mattr=0.9, vocabulary__mtld=120.0)
    found = readable(values, {"vocabulary.mattr": place(0.9), "vocabulary.mtld": place(0.97)}, USUAL)
    assert len(found) == 2 and "MTLD: 120.0" in found[0]


def test_the_most_unusual_come_first_and_not_too_many():
    names = list(FAMILIES["style"].MARKERS)
    values = profiled(**{f"style__{name}": 1.0 for name in names})
    found = readable(values, {f"style.{name}": place(0.86 + n / 1000) for n, name in enumerate(names)}, USUAL)
    assert len(found) == MOST + 1 and FAMILIES["style"].MARKERS[names[-1]].label in found[0]


def test_indicators_of_traits_are_never_said():
    found = readable(profiled(), {"traits.extraversion": place(0.99)}, USUAL)
    assert len(found) == 1 and "Nothing" in found[0]


def test_short_texts_say_that_they_are_short():
    assert readable(profiled() | {"words": 80}, {}, USUAL) == [
        "80 words are too few to say what stands out: 150 are needed."
    ]


def test_rhythm_and_feelings_are_told_without_a_comparison():
    values = profiled(rhythm__words_per_minute=161.2, rhythm__pause_median=0.44, rhythm__response_latency=-0.1)
    found = readable(values | {"feelings": {"joy": 0.5, "fear": 0.2}}, {}, USUAL)
    assert "Speaks 161 words a minute, with a median pause of 0.44 s (not compared with others)." in found
    assert "Mostly answers 0.10 s before the other has ended (not compared with others)." in found
    assert any("joy, fear" in sentence for sentence in found)


def test_what_a_machine_changes_is_not_said_of_its_transcript(monkeypatch):
    from pixel.voice.personality import readable as module

    monkeypatch.setattr(module, "survives", lambda name: name != "speech.questions")
    values = profiled(speech__questions=0.02, style__hedges=9.0)
    standing = {"speech.questions": place(0.05), "style.hedges": place(0.9)}
    assert "questions" in readable(values, standing, USUAL)[0]
    found = readable(values, standing, USUAL, transcript=True)
    assert len(found) == 2 and found[0].startswith("Hedges a lot")
