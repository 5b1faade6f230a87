import pytest

from pixel.voice.personality.markers import rhythm
from tests.voice.personality.markers.talk import said

TWENTY = " ".join(["word"] * 20)


def test_rates_are_with_and_without_pauses():
    found = rhythm.measure([said(0, TWENTY, gaps={5: 0.5, 10: 0.5, 15: 1.0, 17: 0.5, 19: 0.5})], "S1")
    # 20 words in 4 s of speech and 3 s of pauses
    assert found["words_per_minute"] == pytest.approx(20 / 7 * 60)
    assert found["articulation_rate"] == pytest.approx(20 / 4 * 60)
    assert found["pause_share"] == pytest.approx(3 / 7)
    assert found["pauses_per_minute"] == pytest.approx(5 / 7 * 60)
    assert found["long_pauses_per_minute"] == pytest.approx(1 / 7 * 60)
    assert found["pause_median"] == pytest.approx(0.5)
    assert found["run_words"] == pytest.approx(20 / 6)


def test_gaps_below_a_quarter_second_are_no_pauses():
    found = rhythm.measure([said(0, TWENTY, gaps={5: 0.2, 10: 0.2})], "S1")
    assert found["pauses_per_minute"] == 0 and found["pause_median"] is None


def test_a_pause_between_segments_of_one_turn_counts():
    found = rhythm.measure([said(0, TWENTY), said(4.6, TWENTY)], "S1")
    assert found["pauses_per_minute"] == pytest.approx(1 / 8.6 * 60)


def test_slowing_before_pauses_is_a_ratio_of_durations_per_letter():
    from dataclasses import replace

    segment = said(0, " ".join(["word"] * 24), gaps={number: 0.5 for number in range(4, 24, 4)})
    slow = [
        replace(word, start=word.start - 0.2) if (number + 1) % 4 == 0 else replace(word, end=word.end)
        for number, word in enumerate(segment.words)
    ]
    found = rhythm.measure([replace(segment, words=tuple(slow))], "S1")
    assert found["final_slowing"] == pytest.approx(2.0)


def dialogue(gap: float, turns: int = 6):
    """S1 asks for 2 s, S2 answers after `gap` seconds with 1 s, S1 goes on half a second later."""
    out, at = [], 0.0
    for _ in range(turns):
        out.append(said(at, " ".join(["ask"] * 10), "S1"))
        out.append(said(at + 2 + gap, " ".join(["answer"] * 5), "S2"))
        at += 3 + gap + 0.5
    return out


def test_latency_and_what_others_leave_are_seen_from_the_speaker():
    second, first = rhythm.measure(dialogue(0.7), "S2"), rhythm.measure(dialogue(0.7), "S1")
    assert second["response_latency"] == pytest.approx(0.7) and second["left_waiting"] == pytest.approx(0.5)
    assert first["response_latency"] == pytest.approx(0.5) and first["left_waiting"] == pytest.approx(0.7)
    assert second["talk_share"] == pytest.approx(1 / 3) and second["turn_words"] == 5
    assert second["overlap_starts"] == 0


def test_starting_before_the_other_has_ended_is_overlap():
    found = rhythm.measure(dialogue(-0.3), "S2")
    assert found["overlap_starts"] == 1.0 and found["response_latency"] == pytest.approx(-0.3)


def test_one_speaker_alone_has_no_rhythm_between():
    found = rhythm.measure([said(0, TWENTY)], "S1")
    assert all(found[name] is None for name in rhythm.BETWEEN)


def test_segments_without_times_of_words_are_null_and_named_alike():
    from dataclasses import replace

    assert rhythm.measure([replace(said(0, TWENTY), words=())], "S1") == dict.fromkeys(rhythm.MARKERS)
