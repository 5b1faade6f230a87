from pixel.voice.segment import Word
from pixel.voice.transcription.utterances import LONGEST, utterances
from tests.voice.transcription.parts import words


def texts(text, **more):
    return [" ".join(word.text.strip() for word in group) for group in utterances(words(text, **more))]


def test_a_sentence_is_an_utterance_and_so_is_what_a_long_pause_parts():
    assert texts("I was there. It rained | and we left. Did you?") == [
        "I was there.", "It rained", "and we left.", "Did you?",
    ]  # fmt: skip


def test_a_title_or_a_shortened_name_ends_no_sentence_but_a_short_word_does():
    assert texts("Mr. Hale saw Dr. Reed in the U.S. No. She did not.") == [
        "Mr. Hale saw Dr. Reed in the U.S. No.", "She did not.",
    ]  # fmt: skip


def test_a_full_stop_within_a_sentence_does_not_part_it():
    assert texts("we wait ... and see.") == ["we wait ... and see."]


def test_no_utterance_is_longer_than_twenty_seconds_and_no_word_is_lost():
    said = words("and so we went on and on without any end, " * 20)
    groups = utterances(said)
    assert [word for group in groups for word in group] == said
    assert max(group[-1].end - group[0].start for group in groups) <= LONGEST
    assert min(len(group) for group in groups) > 5


def test_one_endless_word_stays_whole():
    assert utterances([Word(" oh", 0, 30, 0.5)]) == [[Word(" oh", 0, 30, 0.5)]]


def test_no_words_are_no_utterances():
    assert utterances([]) == []
