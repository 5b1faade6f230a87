import pytest
import yaml

from pixel.voice.personality.marker import WORDING, Marker
from pixel.voice.personality.markers import emotion, empathy, responses, rhythm, speech, vocabulary
from pixel.voice.personality.profile import FAMILIES

TRAIT_WORDS = ("extravert", "introvert", "neurotic", "agreeable", "conscientious", "personality", "person is", "shy")


def test_shares_are_shown_as_percent():
    assert Marker("q", "questions", "few", "many", "%", 100, 0).shown(0.254) == "25%"


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_wording_speaks_of_talk_and_not_of_character(family):
    for marker in family.MARKERS.values():
        said = f"{marker.label} {marker.low} {marker.high}".lower()
        assert not any(word in said for word in TRAIT_WORDS) and marker.low != marker.high


def test_every_marker_that_is_measured_is_worded_and_none_besides():
    measured = {
        "speech": speech.measure("Yes."),
        "vocabulary": vocabulary.measure("Yes."),
        "rhythm": rhythm.measure([]),
        "responses": responses.measure([], None),
        "emotion": emotion.measure([]),
        "empathy": empathy.measure([]),
    }
    worded = yaml.safe_load(WORDING.read_text(encoding="utf-8"))
    for name, values in measured.items():
        assert set(values) == set(worded[name]), name
