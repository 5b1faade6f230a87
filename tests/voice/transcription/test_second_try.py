from dataclasses import replace

import numpy as np

from pixel.voice.transcription.clips import Packed
from pixel.voice.transcription.decoded import Decoded, holes
from pixel.voice.transcription.second_try import better, fill, retry
from pixel.voice.transcription.settings import Settings
from tests.voice.transcription.parts import activity, words

SAMPLES = np.zeros(30 * 16_000, np.float32)
SPOKEN = activity(30, (0, 28))


def decoded(text, start=0.0, **more):
    said = tuple(words(text, start))
    return Decoded(0.0, 28.0, text, said, **{"mean_logprob": -0.3, "no_speech": 0.0, "compression_ratio": 1.2} | more)


class FakeDecoder:
    """Hears one thing, and remembers what it was asked."""

    def __init__(self, *heard):
        self.heard, self.asked = heard, []

    def batch(self, packed, language):
        self.asked.append(packed)
        return list(self.heard)

    def again(self, packed, clip, language):
        self.asked.append(clip)
        return self.heard[0]


def test_a_hole_is_speech_for_which_no_word_was_written():
    said = words("one two three", 1) + words("four", 20)
    found = holes(said, activity(30, (0, 10), (19, 21)), 0, 28)
    assert [(round(a, 2), round(b, 2)) for a, b in found] == [(2.5, 19.7)]
    assert holes(said, activity(30, (1, 2.5), (20, 21)), 0, 28) == []


def test_a_clip_that_stopped_early_is_heard_again_where_it_stopped():
    first = decoded("one two three", 0)  # until 1.2 s, of 28
    late = replace(decoded("four five", 20), mean_logprob=-0.6)
    decoder = FakeDecoder(late)
    filled = fill([first], SAMPLES, decoder, "en", SPOKEN)
    assert filled[0].text == "one two three four five"
    assert filled[0].mean_logprob == -0.6
    assert decoder.asked[0].pieces == ((20_800, 451_200),)  # 1.5 - 0.2 s to 28.0 + 0.2 s


def test_words_outside_the_hole_are_not_written_twice():
    decoder = FakeDecoder(decoded("three four", 0.8))  # "three" ends at 1.2 s, before the hole
    assert fill([decoded("one two three", 0)], SAMPLES, decoder, "en", SPOKEN)[0].text == "one two three"


def test_a_clip_without_a_hole_costs_nothing():
    decoder = FakeDecoder()
    first = [decoded(" ".join(f"word{n}" for n in range(70)))]
    assert fill(first, SAMPLES, decoder, "en", SPOKEN) == first and decoder.asked == []


def test_a_failed_clip_is_decoded_again_and_the_better_one_kept():
    packed = Packed(SAMPLES, ((0, len(SAMPLES)),), ((0, 28 * 16_000),))
    failed, good = decoded("and so " * 35, compression_ratio=9.0), decoded(" ".join(f"word{n}" for n in range(70)))
    decoder = FakeDecoder(good)
    assert retry([failed], packed, decoder, "en", SPOKEN, Settings()) == [good]
    assert decoder.asked == [packed.clips[0]]
    assert retry([good], packed, decoder, "en", SPOKEN, Settings()) == [good]
    assert len(decoder.asked) == 1


def test_an_empty_decoding_or_one_that_covers_less_is_not_better():
    failed = decoded("and so " * 35, mean_logprob=-2.0)
    assert better(failed, decoded(""), SPOKEN, Settings()) == failed
    less, more = decoded("one two", mean_logprob=-2.0), decoded("one two three four", mean_logprob=-2.0)
    assert better(more, less, SPOKEN, Settings()) == more
    assert better(less, more, SPOKEN, Settings()) == more


def test_a_loop_covers_nothing_and_gives_way_to_what_is_heard_in_its_place():
    first = decoded("one two three four five " + "you " * 12, 0)  # the loop from 2.0 s to 6.8 s
    spoken = activity(30, (0, 6.8))
    decoder = FakeDecoder(decoded("six seven eight nine", 3))
    assert fill([first], SAMPLES, decoder, "en", spoken)[0].text == "one two three four five six seven eight nine"


def test_a_loop_stays_for_the_guards_where_the_second_hearing_finds_nothing_better():
    first = decoded("one two three four five " + "you " * 12, 0)
    assert fill([first], SAMPLES, FakeDecoder(decoded("you " * 12, 2.5)), "en", activity(30, (0, 6.8))) == [first]
