import pytest

from pixel.voice.personality.consistency.authenticity import authenticity, voice
from tests.voice.personality.consistency.speakers import talk, vector


@pytest.fixture(scope="module")
def voices():
    return {name: voice(talk(speaker, 1200), vector) for name, speaker in (("anna", 1), ("ben", 2), ("cleo", 3))}


def test_what_a_speaker_says_is_authentic_under_the_own_name_only(voices, likeness):
    said = talk(1, 600, 8)
    own, false = (authenticity(said, name, voices, vector, likeness) for name in ("anna", "ben"))
    assert own.probability > 0.8 > 0.2 > false.probability
    assert (own.rank, own.of, own.nearest) == (1, 3, "anna")
    assert false.rank > 1 and false.nearest == "anna"
    assert own.margin > 0 > false.margin


def test_the_margin_is_to_the_nearest_other_voice(voices, likeness):
    found = authenticity(talk(1, 600, 8), "anna", voices, vector, likeness)
    own = voice(talk(1, 600, 8), vector).vector
    others = [float(own @ voices[name].vector) for name in ("ben", "cleo")]
    assert found.margin == pytest.approx(float(own @ voices["anna"].vector) - max(others))


def test_a_voice_alone_has_no_margin(voices, likeness):
    found = authenticity(talk(1, 600, 8), "anna", {"anna": voices["anna"]}, vector, likeness)
    assert (found.margin, found.rank, found.of) == (None, 1, 1)


def test_too_few_words_are_not_judged_and_unknown_voices_are_named(voices, likeness):
    assert authenticity(talk(1, 280), "anna", voices, vector, likeness) is None
    with pytest.raises(KeyError, match="no voice is called 'dora'"):
        authenticity(talk(1, 600), "dora", voices, vector, likeness)
    with pytest.raises(ValueError, match="280 words are too few"):
        voice(talk(1, 280), vector)
