from pixel.voice.personality.markers.turns import speakers, turns
from tests.voice.personality.markers.talk import said


def test_segments_of_one_speaker_running_are_one_turn():
    found = turns([said(0, "well yes"), said(1, "it is"), said(2, "no", "S2")])
    assert [(turn.speaker, turn.text) for turn in found] == [("S1", "well yes it is"), ("S2", "no")]
    assert len(found[0].words) == 4


def test_a_long_silence_ends_a_turn():
    assert len(turns([said(0, "yes"), said(9, "and")])) == 2


def test_order_in_time_counts_not_order_in_the_list():
    assert [turn.text for turn in turns([said(2, "no", "S2"), said(0, "yes")])] == ["yes", "no"]


def test_speakers_are_those_who_are_named():
    assert speakers([said(0, "a", "S2"), said(1, "b", None), said(2, "c", "S1")]) == ["S1", "S2"]
