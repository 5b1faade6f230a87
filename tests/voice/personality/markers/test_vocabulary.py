import random

import pytest
from scipy.stats import hypergeom

from pixel.voice.personality.markers import vocabulary


@pytest.fixture(scope="module")
def said():
    generator = random.Random(0)
    return [f"w{int(generator.paretovariate(0.7)) % 90}" for _ in range(260)]


def test_mattr_is_the_mean_over_every_window(said):
    windows = [said[start : start + 50] for start in range(len(said) - 49)]
    assert vocabulary.mattr(said) == pytest.approx(sum(len(set(one)) / 50 for one in windows) / len(windows))


def test_mattr_of_one_word_said_on_and_on_is_one_in_fifty():
    assert vocabulary.mattr(["a"] * 120) == pytest.approx(0.02)


def test_hdd_is_the_chance_that_a_word_is_drawn(said):
    counts = {word: said.count(word) for word in said}
    expected = sum(1 - hypergeom.pmf(0, len(said), count, 42) for count in counts.values()) / 42
    assert vocabulary.hdd(said) == pytest.approx(expected)


def test_mtld_of_one_word_closes_a_factor_every_second_word():
    assert vocabulary.mtld(["a"] * 60) == pytest.approx(2.0)


def test_mtld_of_words_that_never_repeat_is_their_number():
    assert vocabulary.mtld([f"w{number}" for number in range(80)]) == pytest.approx(80.0)


def test_mtld_counts_an_unfinished_stretch_in_part():
    # forwards: 25 pairs close 25 factors of 2, then 10 new words leave a ratio of 1, no part of a factor: 60/25.
    # backwards: 10 new words, then a x 50: the ratio falls to .72 or less at 16 words (11/15 = .733; 11/16 = .6875)
    forwards = 60 / 25
    factors = 1 + 44 / 2
    text = ["a"] * 50 + [f"w{number}" for number in range(10)]
    assert vocabulary.mtld(text) == pytest.approx((forwards + 60 / factors) / 2)


def test_measures_do_not_move_with_length_as_a_plain_ratio_does(said):
    generator = random.Random(1)
    long = [f"w{generator.randrange(300)}" for _ in range(3000)]
    short = long[:300]
    for measure in (vocabulary.mattr, vocabulary.hdd, vocabulary.mtld, vocabulary.once_only):
        assert measure(long) == pytest.approx(measure(short), rel=0.15)
    assert len(set(long)) / 3000 < len(set(short)) / 300 / 3


def test_once_only_is_a_share_of_stretches_of_a_hundred():
    assert vocabulary.once_only(["a", "a"] * 25 + [f"w{number}" for number in range(50)]) == 0.5


def test_short_texts_are_null():
    found = vocabulary.measure("Just a few words.")
    assert found["mattr"] is found["mtld"] is found["hdd"] is found["once_only"] is None
    assert found["word_letters"] == pytest.approx(13 / 4)
    assert set(found) == set(vocabulary.MARKERS)


def test_apostrophes_are_no_letters():
    assert vocabulary.measure("don't")["word_letters"] == 4.0


def test_commonness_is_the_mean_zipf_of_the_rarer_words():
    wordfreq = pytest.importorskip("wordfreq")
    rare = ["gadget", "ointment", "harbour", "lantern"] * 5
    expected = sum(wordfreq.zipf_frequency(word, "en") for word in rare) / len(rare)
    assert vocabulary.commonness([*rare, "the", "and", "zzzzqqx"]) == pytest.approx(expected)


def test_commonness_without_the_package_is_null(monkeypatch):
    monkeypatch.setattr(vocabulary, "frequencies", lambda: None)
    assert vocabulary.commonness(["gadget"] * 40) is None
