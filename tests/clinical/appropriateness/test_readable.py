import pytest

from pixel.clinical.appropriateness.readable import MAX_CHARACTERS, cleaned, unreadable, windows


@pytest.mark.parametrize("text", ["What was it like?", "No.", "Breathe.", "I hear you, and it's a lot."])
def test_english_can_be_read(text):
    assert unreadable(text) is None


@pytest.mark.parametrize(
    "text", ["", " ... 42", "Мне очень жаль", "Es tut mir sehr leid, dass du das erlebst", "それは大変ですね"]
)
def test_the_rest_cannot(text):
    assert unreadable(text)


def test_control_characters_go_and_length_is_bounded():
    assert cleaned("a\x00b\u200bc\n\td") == "a b c d"
    assert len(cleaned("word " * 100_000)) <= MAX_CHARACTERS


def test_windows_hold_every_word_once():
    text = " ".join(f"Sentence number {n} is here." for n in range(60)) + " word" * 120
    pieces = windows(text)
    assert " ".join(pieces).split() == text.split()
    assert max(len(piece.split()) for piece in pieces) <= 45
    assert windows("Short.") == ["Short."]
