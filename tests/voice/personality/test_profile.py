import json

import numpy as np
import pytest

from pixel.voice.personality.profile import FAMILIES, flat, profile
from tests.voice.personality.markers.talk import record, said

SENTENCES = ("I think it is fine.", "Could you say why?", "We went home early, because it rained.", "Yeah, okay.")
TEXT = " ".join(SENTENCES * 30)


@pytest.fixture(scope="module")
def found():
    return profile(TEXT)


def test_it_is_plain_json_without_nan(found):
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_every_family_is_there_with_all_its_names(found):
    for name, family in FAMILIES.items():
        assert set(found[name]) == set(family.MARKERS)


def test_what_cannot_be_known_is_null_with_a_reason(found):
    for name in ("rhythm", "responses", "emotion", "empathy", "prosody"):
        assert set(found[name].values()) == {None} and found["missing"][name]
    assert "speech" not in found["missing"] and "traits" not in found["missing"]


def test_a_speaker_who_always_asks_and_hedges_stands_out(found):
    assert found["standing"]["speech.questions"]["percentile"] > 0.85
    assert found["standing"]["style.hedges"]["percentile"] > 0.85


def test_indicators_carry_source_limits_and_what_they_are_drawn_from(found):
    assert "Yarkoni" in found["traits"]["source"] and found["traits"]["limits"]
    assert found["traits"]["openness"]["drawn_from"][0]["published_r"] == -0.16
    assert found["standing"]["traits.openness"]["words"] == 300


def test_short_texts_stand_nowhere_and_say_so():
    short = profile("I think so. Why?")
    assert short["standing"] == {} and "too few" in short["missing"]["traits"] and "too few" in short["readable"][0]
    assert "speech.questions" not in short["missing"] and "too few" in short["missing"]["vocabulary.mattr"]
    empty = profile("")
    assert empty["words"] == 0
    assert all("too few" in empty["missing"][name] for name in ("speech", "vocabulary", "style"))


def test_without_the_list_of_frequencies_a_profile_says_what_to_install(monkeypatch):
    from pixel.voice.personality.markers import vocabulary

    monkeypatch.setattr(vocabulary, "frequencies", lambda: None)
    found = profile(TEXT)
    assert found["vocabulary"]["commonness"] is None and found["vocabulary"]["mattr"] is not None
    assert '".[voice]"' in found["missing"]["vocabulary.commonness"]


def test_flat_holds_the_numbers_by_family_and_name(found):
    row = flat(found)
    assert row["speech.questions"] == 0.25 and "rhythm.pause_median" not in row
    assert all(isinstance(value, float) for value in row.values())


def test_the_same_talk_with_and_without_fillers_has_the_same_words(found):
    assert flat(profile(TEXT.replace("it is", "it um, is"))) == pytest.approx(flat(found), abs=1e-6)


def talk():
    out = []
    for number in range(8):
        out += [
            said(10 * number, "I was in the garden all day.", "S1"),
            said(10 * number + 3, "Okay. Why was that?", "S2"),
        ]
    return out


def test_segments_of_several_need_to_know_whose_profile_it_is():
    assert "say whose profile" in profile(TEXT, talk())["missing"]["rhythm"]
    found = profile(TEXT, talk(), speaker="S2")
    assert found["responses"]["answers_with_question"] == 1.0 and found["rhythm"]["turn_words"] == 4.0


def test_a_single_speaker_needs_no_name():
    found = profile(TEXT, [said(0, " ".join(["word"] * 40), speaker=None)])
    assert found["rhythm"]["words_per_minute"] == pytest.approx(300)
    assert "answers" in found["missing"]["responses"]


def test_rows_of_segments_do_as_well():
    rows = [segment.as_row() for segment in talk()]
    assert profile(TEXT, rows, speaker="S2") == profile(TEXT, talk(), speaker="S2")


def test_an_unknown_speaker_is_named():
    with pytest.raises(ValueError, match="no segment is 'S9'.*S1, S2"):
        profile(TEXT, talk(), speaker="S9")


def test_read_outs_become_emotion_and_a_head_that_is_missing_is_said():
    found = profile(TEXT, readouts=[record(0.2 + n / 20, joy=0.8) for n in range(10)])
    assert found["emotion"]["valence_mean"] == pytest.approx(0.425) and found["feelings"]["joy"] == 0.8
    assert "not trained" in found["missing"]["empathy"] and "emotion" not in found["missing"]
    assert "2 turns are too few" in profile(TEXT, readouts=[record()] * 2)["missing"]["emotion"]


def test_empathy_is_read_of_those_who_answer():
    turn = {"empathy": {"explorations": [0.0, 0.0, 1.0]}}
    assert profile(TEXT, readouts=[turn | {"role": "assistant"}] * 6)["empathy"]["explorations"] == 2.0
    found = profile(TEXT, readouts=[turn | {"role": "user"}] * 6)
    assert found["empathy"]["explorations"] is None and "who answer" in found["missing"]["empathy"]


def test_prosody_needs_a_recording_and_the_package(monkeypatch):
    from pixel.voice.personality.markers import prosody

    monkeypatch.setattr(prosody, "installed", lambda: False)
    found = profile(TEXT, [said(0, "yes")], samples=np.zeros(16_000, np.float32))
    assert "not installed" in found["missing"]["prosody"]


def test_somebody_can_be_compared_with_therapists():
    assert profile(TEXT, against="therapists")["against"] == "therapists"
