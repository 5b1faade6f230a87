import pytest

from pixel.voice.transcription.guards.repetition import again, repeats


@pytest.mark.parametrize("loop", ["so", "thank you", "I don't know", "we will see you again in the next one then"])
def test_a_loop_is_found_whatever_its_length(loop):
    assert repeats(loop.split() * 10) == 1


def test_only_the_looping_part_counts():
    text = "he came home and then and then and then and then and then"
    assert repeats(text.split()) == pytest.approx(10 / 13)


@pytest.mark.parametrize(
    "text",
    [
        "no, no, no, no, I never said that",
        "very, very, very good",
        "I know, I know, I know. It is what it is.",
        "the more we talk the more we know and the more we know the more we talk",
        "",
    ],
)
def test_people_who_repeat_themselves_are_left_alone(text):
    assert repeats(text.split()) == 0


def test_case_and_marks_do_not_hide_a_loop():
    assert repeats("You. you, You! YOU you... you You you".split()) == 1


def test_the_same_sentence_four_times_is_kept_once():
    texts = [
        "Hello there.",
        "See you next week.",
        "see you next week",
        "See you next week!",
        "See you next week.",
        "Bye.",
    ]
    assert again(texts) == [False, False, True, True, True, False]


def test_a_listener_who_says_yeah_seven_times_is_left_alone():
    assert again(["Yeah."] * 7) == [False] * 7
    assert again(["Yeah."] * 8) == [False] + [True] * 7
