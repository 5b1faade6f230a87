import numpy as np
import pytest

from pixel.voice.personality.consistency.across import all_voices, belonging, consistency
from tests.voice.personality.consistency.speakers import talk, vector


def samples(speaker, count, seed=0):
    return np.array([vector(" ".join(talk(speaker, 300, seed + number))) for number in range(count)])


def test_figures_are_means_over_pairs(likeness):
    own, others = samples(1, 3), samples(2, 2)
    found = consistency(own, others, [300] * 3, likeness)
    assert found.within == pytest.approx(np.mean([own[0] @ own[1], own[0] @ own[2], own[1] @ own[2]]))
    assert found.others == pytest.approx(np.mean([a @ b for a in own for b in others]))
    wins = [(x > y) + 0.5 * (x == y) for x in (own[0] @ own[1], own[0] @ own[2], own[1] @ own[2])
            for y in (a @ b for a in own for b in others)]  # fmt: skip
    assert found.apart == pytest.approx(np.mean(wins))
    assert found.low <= found.within <= found.high


def test_a_voice_of_one_speaker_is_steady_and_one_of_six_speakers_is_not(likeness):
    rest = samples(9, 6)
    steady = consistency(samples(1, 6), rest, [300] * 6, likeness)
    mixed = consistency(np.vstack([samples(s, 1) for s in range(20, 26)]), rest, [300] * 6, likeness)
    assert steady.probability > 0.8 > 0.5 > mixed.probability
    assert steady.apart > 0.95 > 0.75 > mixed.apart
    assert steady.low > mixed.high


def test_a_foreign_sample_is_named_and_no_other(likeness):
    own = np.vstack([samples(1, 5), samples(2, 1)])
    assert consistency(own, samples(3, 4), [300] * 6, likeness).odd == (5,)


def test_belonging_compares_each_with_the_rest_only(likeness):
    own = samples(1, 3)
    rest = own[1] + own[2]
    expected = likeness.probability(own[0] @ rest / np.linalg.norm(rest), 300, 700)
    assert belonging(own, [300, 300, 400], likeness)[0] == pytest.approx(float(expected))


def test_one_sample_says_nothing_and_a_lone_voice_has_no_others(likeness):
    assert consistency(samples(1, 1), None, [300], likeness) is None
    found = all_voices({"a": samples(1, 2), "b": samples(2, 1)[:0]}, {"a": [300, 300], "b": []}, likeness)
    assert list(found) == ["a"]
    assert found["a"].others is None and found["a"].apart is None and found["a"].low is None


def test_a_row_is_plain_json(likeness):
    import json

    row = consistency(samples(1, 3), samples(2, 3), [300] * 3, likeness).as_row()
    assert json.loads(json.dumps(row)) == row
