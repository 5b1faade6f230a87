from hypothesis import given
from hypothesis import strategies as st

from pixel.clinical.crisis.quality import why_not
from pixel.clinical.crisis.text import MAX_CHARACTERS, WINDOW_WORDS, clean, plain, prepare, windows


def test_control_and_invisible_characters_are_taken_out_and_line_ends_kept():
    assert clean("a\x00b\u200bc\td\r\n\n e\ud800") == "abc d\ne"


def test_spellings_of_forums_are_written_out():
    assert plain("I wanna kms, I’m su1cidal") == "i wanna kill myself, i'm suicidal"


def test_a_long_text_is_cut_in_windows_that_hold_all_its_words():
    text = " ".join(f"Word{n} is here." for n in range(500))
    pieces = windows(text)
    assert " ".join(pieces).split() == text.split()
    assert all(len(piece.split()) <= WINDOW_WORDS * 1.3 for piece in pieces)


def test_the_beginning_and_the_end_of_a_very_long_text_are_kept():
    text = clean("first " + "x" * (2 * MAX_CHARACTERS) + " last")
    assert text.startswith("first") and text.endswith("last") and len(text) <= MAX_CHARACTERS + 1


@given(st.text(max_size=300))
def test_any_text_can_be_prepared(text):
    message = prepare(text)
    assert len(message.windows) >= 1 and message.plain == message.plain.lower()


def test_what_cannot_be_judged_is_told_with_its_reason():
    reasons = {
        "": "empty",
        " \n\x00": "empty",
        "ok": "too_short_to_tell",
        "12345 67890 !!!": "garbled",
        "sdkfjh wkrjthg kjhsdf zzzzzz": "garbled",
        "Hoy estuve en el mercado con mis hermanos comprando frutas y verduras": "other_language",
        "今天天气很好，我们去公园玩": "other_language",
    }
    assert {text: why_not(prepare(text)) for text in reasons} == reasons


def test_plain_english_is_judged():
    assert why_not(prepare("I had a long day and I am tired.")) is None
    assert why_not(prepare("im done lol")) is None
