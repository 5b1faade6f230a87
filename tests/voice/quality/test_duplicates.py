import random

from pixel.voice.quality.duplicates import duplicate_files
from pixel.voice.segment import Segment

WORDS = [f"word{number}" for number in range(500)]


def talk(file, seed, count=300, wrong=0.0):
    """A recording of random words, some of them heard wrong, in segments of ten."""
    words = random.Random(seed).choices(WORDS, k=count)
    errors = random.Random(f"{file}{seed}")
    words = [f"wrong{errors.random()}" if errors.random() < wrong else word for word in words]
    return [Segment(file, start, start + 5, " ".join(words[start : start + 10])) for start in range(0, len(words), 10)]


def test_a_talk_decoded_twice_with_errors_is_found():
    found = duplicate_files(talk("a", 1, wrong=0.1) + talk("b", 1, count=290, wrong=0.1) + talk("c", 2))
    assert [(one.file, one.of) for one in found] == [("b", "a")]
    assert 0.2 < found[0].shared < 0.6


def test_an_excerpt_goes_and_the_longer_recording_stays():
    assert [(one.file, one.of) for one in duplicate_files(talk("short", 1, 100) + talk("whole", 1, 400))] == [
        ("short", "whole")
    ]


def test_different_talks_stay():
    assert duplicate_files([one for seed in range(6) for one in talk(str(seed), seed)]) == []


def test_a_common_greeting_is_no_duplicate():
    greeting = "welcome back to the channel my friends today we will talk about how to listen well".split()
    segments = []
    for seed in range(8):
        segments += [Segment(str(seed), -5, 0, " ".join(greeting)), *talk(str(seed), seed, 60)]
    assert duplicate_files(segments) == []


def test_of_three_copies_one_stays():
    found = duplicate_files(talk("c", 1) + talk("a", 1) + talk("b", 1))
    assert [(one.file, one.of) for one in found] == [("b", "a"), ("c", "a")]


def test_where_the_words_are_cut_into_segments_does_not_matter():
    whole = talk("a", 1)
    again = Segment("b", 0, 100, " ".join(one.text for one in whole))
    assert [one.file for one in duplicate_files([*whole, again])] == ["b"]
