import pytest

from pixel.knowledge.quality.slips import slips


def kinds(text):
    return {defect.kind for defect in slips({"messages": [{"role": "assistant", "content": text}]})}


@pytest.mark.parametrize(
    "text, kind",
    [
        ("How long have you felt {feeling}?", "open_slot"),
        ("Thank you, [name].", "open_slot"),
        ("That is a awful week.", "article"),
        ("You had an bad night.", "article"),
        ("You said the the nights are long.", "doubled_word"),
        ("You are tired,. I see.", "punctuation"),
        ("What happened ?", "punctuation"),
        ("It hurts.Tell me more.", "punctuation"),
        ("It  hurts.", "blanks"),
        ("It hurts. tell me more.", "lower_case_start"),
        ("You were saying that the", "unfinished"),
    ],
)
def test_a_slip_is_named(text, kind):
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "An hour a day is a useful start, and an honest one.",
        "A European friend, a one-off, a unit, a uniform: an umbrella, an unusual year, an heir.",
        "You had had enough... What then?",
        "It costs 3,000 a year, e.g. for rent; that's a lot!",
        'So part of you says "go" and part of you says "stay". What would each of them need?',
    ],
)
def test_sound_sentences_pass(text):
    assert kinds(text) == set()


def test_real_clients_may_be_left_alone():
    row = {"messages": [{"role": "user", "content": "i dont know ,, maybe"}]}
    assert slips(row) and not slips(row, client_too=False)
