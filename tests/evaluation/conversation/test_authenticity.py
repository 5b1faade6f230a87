"""One speaker sounds more like themselves than like others; little text says nothing."""

import numpy as np
import pytest

from pixel.evaluation.conversation.ami_speakers import unseen_pairs
from pixel.evaluation.conversation.authenticity import AuthenticityReader, fit_calibration
from pixel.text.style_vector import StyleReference
from pixel.voice.personality.fingerprint.ami import Speaker

SMALL = ("well", "just", "you know", "i think", "so", "maybe", "really", "that's", "kind of", "but", "um", "okay")
TOPIC = ("remote", "button", "market", "colour", "plan")


def speech(habit, count, seed):
    """Words of a speaker: topics everybody talks of, and small words by habit."""
    draw = np.random.default_rng(seed)
    out = []
    while len(out) < count:
        out.append(TOPIC[int(draw.integers(len(TOPIC)))])
        out += SMALL[int(draw.choice(len(SMALL), p=habit))].split()
    return " ".join(out[:count])


def habit(seed):
    return np.random.default_rng(seed).dirichlet(np.full(len(SMALL), 1.0))


@pytest.fixture(scope="module")
def speakers():
    found = []
    for group in range(6):
        for channel in range(4):
            number = 10 * group + channel
            found.append(Speaker(f"G{group}", f"G{group}a", "ABCD"[channel], speech(habit(number), 1300, number)))
    return found


def test_a_speaker_is_told_from_others_in_the_same_meeting(speakers):
    found = unseen_pairs(speakers, 300, count=3)
    # a meeting has four speakers of four pieces: 4 * 6 pairs of one speaker, 6 * 16 of two
    assert found.same.sum() == 6 * 24 and (~found.same).sum() == 6 * 96
    assert found.similarity[found.same].mean() > found.similarity[~found.same].mean() + 0.1


def test_calibration_gives_half_where_both_are_as_likely():
    draw = np.random.default_rng(0)
    same = np.repeat([True, False], 2000)
    similarity = draw.normal(np.where(same, 0.3, 0.1), 0.1)
    weights = fit_calibration([similarity, similarity], [same, same], [300, 600])
    # two normals of one spread: even odds in the middle, log odds (0.3 - 0.1) / 0.1 ** 2 = 20 a unit
    assert weights["slope"] == pytest.approx(20, rel=0.15)
    assert -weights["intercept"] / weights["slope"] == pytest.approx(0.2, abs=0.02)


def test_own_words_are_likelier_than_another_s(speakers):
    reader = AuthenticityReader(
        StyleReference.fit([one.text for one in speakers[8:]]), {"slope": 20.0, "more": 0.0, "intercept": -3.0}
    )
    voice = reader.profile([speech(habit(0), 400, 7)])
    own, other = [speech(habit(0), 300, 8)], [speech(habit(3), 300, 9)]
    assert voice.words == 400
    assert reader.same_speaker(own, voice) > 0.5 > reader.same_speaker(other, voice)


def test_little_text_has_no_profile_and_no_likeness(speakers):
    reader = AuthenticityReader(
        StyleReference.fit([one.text for one in speakers]), {"slope": 1.0, "more": 0.0, "intercept": 0.0}
    )
    with pytest.raises(ValueError, match="12 words are too few"):
        reader.profile(["word " * 12])
    voice = reader.profile([speakers[0].text])
    assert reader.similarity(["word " * 299], voice) is None and reader.same_speaker([], voice) is None
