"""Turns out of segments that overlap, interrupt and murmur."""

from pixel.voice.conversations.turns import to_turns
from tests.voice.conversations.conftest import in_line, said


def spoken(segments):
    return [(turn.speaker, turn.text) for turn in to_turns(segments).turns]


def test_segments_of_one_speaker_become_one_turn_with_all_their_ids():
    given = in_line(("S1", "We left early."), ("S1", "It was still dark."), ("S2", "Why was that so?"))
    first = to_turns(given).turns[0]
    assert (first.text, first.start, first.end) == ("We left early. It was still dark.", given[0].start, given[1].end)
    assert first.segments == (given[0].id, given[1].id)


def test_the_order_of_the_input_does_not_matter():
    given = in_line(("S1", "One two three four."), ("S2", "Five six seven eight."), ("S1", "Nine ten."))
    assert to_turns(given[::-1]) == to_turns(given)


def test_a_murmur_between_two_pieces_of_one_speaker_is_left_out_and_counted():
    found = to_turns(in_line(("S1", "I took the train."), ("S2", "Mm-hm."), ("S1", "It was late again.")))
    assert [turn.text for turn in found.turns] == ["I took the train. It was late again."]
    assert found.backchannels == 1


def test_a_short_answer_to_a_question_is_no_murmur():
    given = in_line(("S1", "Did you like it?"), ("S2", "Not much."), ("S1", "What was wrong with it then?"))
    assert [speaker for speaker, _ in spoken(given)] == ["S1", "S2", "S1"]


def test_a_short_question_is_no_murmur():
    given = in_line(("S1", "I took the train."), ("S2", "Which one?"), ("S1", "The night train."))
    assert [speaker for speaker, _ in spoken(given)] == ["S1", "S2", "S1"]


def test_a_short_remark_after_which_the_floor_was_free_is_no_murmur():
    given = in_line(("S1", "I took the train."), ("S2", "Good choice."), ("S1", "The night train."), pause=2.0)
    assert [speaker for speaker, _ in spoken(given)] == ["S1", "S2", "S1"]


def test_an_interruption_cuts_a_turn_at_the_word_where_it_begins():
    long = said("one two three four five six seven eight nine ten", 0.0, 10.0, "S1", words=True)
    inner = said("wait a moment please sir", 4.0, 6.0, "S2", words=True)
    found = to_turns([long, inner])
    assert [(turn.speaker, turn.text) for turn in found.turns] == [
        ("S1", "one two three four"), ("S2", "wait a moment please sir"), ("S1", "five six seven eight nine ten"),
    ]  # fmt: skip
    assert found.interruptions == 1


def test_no_word_is_lost_or_doubled_by_an_interruption():
    long = said("one two three four five six seven eight nine ten", 0.0, 10.0, "S1", words=True)
    inner = [said("wait a moment please", 3.2, 4.0, "S2", words=True), said("no really do stop", 6.5, 7.5, "S2")]
    words = " ".join(turn.text for turn in to_turns([long, *inner]).turns).split()
    assert sorted(words) == sorted(" ".join(one.text for one in [long, *inner]).split())


def test_a_long_silence_ends_a_turn():
    given = [said("We stop here.", 0.0, 2.0), said("And we are back.", 60.0, 62.0)]
    assert len(to_turns(given).turns) == 2


def test_who_was_not_told_apart_is_one_speaker():
    given = [said("We stop here.", 0.0, 2.0, speaker=None), said("And go on.", 2.5, 4.0, speaker=None)]
    assert spoken(given) == [("S1", "We stop here. And go on.")]


def test_nothing_said_gives_no_turns():
    assert to_turns([]).turns == []
