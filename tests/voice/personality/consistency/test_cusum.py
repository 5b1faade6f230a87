import numpy as np
import pytest

from pixel.voice.personality.consistency.cusum import SLACK, DriftWatch, blocks, totals
from tests.voice.personality.consistency.speakers import talk, vector


def test_the_sum_grows_by_what_exceeds_the_slack_and_never_falls_below_zero(reference):
    watch, total = DriftWatch(vector, reference, opening=talk(1, 600)), 0.0
    for heard in filter(None, map(watch.hear, talk(1, 1500, 4))):
        total = max(0.0, total + heard.score - SLACK)
        assert heard.total == pytest.approx(total)
        total = 0.0 if heard.alarm else total


def test_another_speaker_is_noticed_and_the_own_one_is_not(reference):
    own, other = (
        list(filter(None, map(DriftWatch(vector, reference, talk(1, 600)).hear, talk(speaker, 1500, 5))))
        for speaker in (1, 2)
    )
    assert not any(heard.alarm for heard in own)
    assert next(heard.texts for heard in other if heard.alarm) <= 45  # by the third block of 300 words


def test_without_an_opening_the_first_600_words_are_taken_for_the_voice(reference):
    watch = DriftWatch(vector, reference)
    heard = [watch.hear(text) for text in talk(1, 900)]
    assert heard[:44] == [None] * 44 and heard[44] is not None  # 30 texts of 20 words, and 15 of the first block


def test_after_an_alarm_the_sum_begins_anew(reference):
    watch = DriftWatch(vector, reference, opening=talk(1, 600))
    heard = list(filter(None, map(watch.hear, talk(2, 3000))))
    first = next(place for place, one in enumerate(heard) if one.alarm)
    following = heard[first + 1]
    assert following.total == pytest.approx(max(0.0, following.score - SLACK))


def test_a_stream_at_once_is_heard_as_text_by_text(reference):
    stream = talk(1, 900) + talk(2, 900)
    watch = DriftWatch(vector, reference)
    heard = list(filter(None, map(watch.hear, stream)))
    found = blocks(stream, vector)
    scores = reference.score(found.cosine, found.left, found.right)
    assert found.place.tolist() == [one.texts for one in heard]
    np.testing.assert_allclose(scores, [one.score for one in heard])
    assert len(blocks(talk(1, 700), vector).place) == 0


def test_sums_follow_the_scores():
    np.testing.assert_allclose(totals([1.0, -3.0, 2.0]), [1 - SLACK, 0.0, 2 - SLACK])
    assert totals([]).shape == (0,)
