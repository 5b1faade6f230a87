from pixel.voice.personality.two_samples import apart_samples, spread_samples
from pixel.voice.personality.words import sentences, words

TALK = " ".join(f"Sentence number {number} has just seven words." for number in range(200))


def test_spread_samples_share_no_sentence_and_are_about_as_long_as_asked():
    one, other = spread_samples(TALK, 300)
    assert not set(sentences(one)) & set(sentences(other))
    assert all(abs(len(words(text)) - 300) <= 60 for text in (one, other))


def test_spread_samples_go_through_the_whole_talk():
    numbers = [[int(word) for word in words(text) if word.isdigit()] for text in spread_samples(TALK, 300)]
    assert all(min(one) < 30 and max(one) > 170 for one in numbers)


def test_apart_samples_are_the_start_and_the_end():
    start, end = apart_samples(TALK, 300)
    assert start.startswith("Sentence number 0 ") and end.endswith("number 199 has just seven words.")
    assert 300 <= len(words(start)) < 307


def test_too_few_words_give_no_samples():
    short = " ".join(sentences(TALK)[:50])  # 350 words
    assert spread_samples(short, 200) is None and apart_samples(short, 200) is None
    assert spread_samples("", 100) is None and apart_samples("", 100) is None
