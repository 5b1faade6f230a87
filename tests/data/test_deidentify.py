"""Sentences here are invented; numbers come from the ranges reserved for fiction and documentation."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel.data.deidentify import PLACEHOLDERS, deidentify, deidentify_row

PIECES = st.sampled_from([
    "http://", "www.", "example.org", ".com", "/", "u/", "@", "sam_1987", "sam@example.org", "10.1.2.3",
    "2001:db8:0:1:1", "212-555-0123", "+44 20 7946 0958", "555-0123", "12 Old Oak Street", "1234567",
    "4111 1111 1111 1111", "123-45-6789", "Dr. Miller", "Mr", "Prof", "My name is ", "my name's Ann Lee", "Ann Lee",
    "[NAME]", "[", "]", "[URL", "[PHONE]", ".", "-", " ", "\n", "42", "NAME", "é",
])  # fmt: skip


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("mail sam.o@example.org today", "mail [EMAIL] today"),
        ("look at https://example.org/a?b=1 or www.example.net", "look at [URL] or [URL]"),
        ("read https://example.org/a.html. Then rest", "read [URL]. Then rest"),
        ("link bit.ly/3abc, see?", "link [URL], see?"),
        ("it is on example.com, I think", "it is on [URL], I think"),
        ("thanks u/kind_person and /u/another-one", "thanks [USER] and [USER]"),
        ("follow @kind_person", "follow [USER]"),
        ("my router is 192.168.0.17", "my router is [IP]"),
        ("call (212) 555-0123 tonight", "call [PHONE] tonight"),
        ("ring +44 20 7946 0958", "ring [PHONE]"),
        ("just dial 555-0123, 24/7", "just dial [PHONE], 24/7"),
        ("I live at 12 Old Oak Street now", "I live at [ADDRESS] now"),
        ("card 4111 1111 1111 1111", "card [NUMBER]"),
        ("my social is 123-45-6789", "my social is [NUMBER]"),
        ("account 88273645191", "account [NUMBER]"),
        ("I saw Dr. Miller and Mrs Brown", "I saw Dr. [NAME] and Mrs [NAME]"),
        ("Hi, my name is Ann Lee and I'm lost", "Hi, my name is [NAME] and I'm lost"),
    ],
)
def test_what_points_at_a_person_becomes_a_placeholder(text, clean):
    assert deidentify(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "I am 34, have 2 kids and slept 3.5 hours since 2019.",
        "and/or, 50/50, w/o, r/depression, 24/7",
        "ok...fine.i give up. e.g. this and.he/she.",
        "It cost $1,000,000 or 10000000, about 99.1234567 percent.",
        "from 2010-2014, at 10:30:15, version 1.2.3",
        "my name is on the list, doctor",
        "[NAME] told me about [RELIGION] <url>",
        "",
    ],
)
def test_ordinary_words_and_numbers_stay(text):
    assert deidentify(text) == text


def test_known_names_go_in_any_case_and_spacing():
    assert deidentify("Be well. ANN  lee, LMFT", names=["Ann Lee"]) == "Be well. [NAME], LMFT"
    assert deidentify("Annlee met Joann Lees", names=["Ann Lee"]) == "Annlee met Joann Lees"


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PIECES, max_size=12).map("".join), st.sampled_from([(), ("Ann Lee",), ("NAME",), ("sam_1987", "Mr X")])
)
def test_twice_equals_once(text, names):
    once = deidentify(text, names)
    assert deidentify(once, names) == once


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_twice_equals_once_on_any_text(text):
    assert deidentify(deidentify(text)) == deidentify(text)


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_placeholders_stay_as_they_are(placeholder):
    text = f"{placeholder}, Dr. {placeholder} and my name is {placeholder}"
    assert deidentify(text, names=["name", "url"]) == text


@pytest.mark.parametrize(
    "unit", ["a", "-", "1.", "1 ", "a.", "@", "Ann ", "1:", "u/", "9", "www.", "1-", "[", "Dr. A"]
)
def test_long_runs_of_one_thing_take_no_longer_than_their_length_deserves(unit):
    def seconds(repeats):
        start = time.perf_counter()
        deidentify(unit * repeats + " @ 11")
        return time.perf_counter() - start

    assert seconds(20_000) < 3.0  # a quadratic pattern takes far longer


def test_a_conversation_keeps_everything_but_the_text():
    row = {
        "id": "1",
        "messages": [{"role": "user", "content": "I am @someone"}, {"role": "assistant", "content": "Hi"}],
    }
    clean = deidentify_row(row)
    assert clean["messages"][0] == {"role": "user", "content": "I am [USER]"}
    assert clean["messages"][1] == row["messages"][1] and clean["id"] == "1"
    assert row["messages"][0]["content"] == "I am @someone"


def test_map_with_two_processes_gives_what_one_gives():
    from datasets import Dataset

    texts = [f"write to person{number}@example.org or call 212-555-01{number:02}" for number in range(8)]
    data = Dataset.from_list([{"messages": [{"role": "user", "content": text}]} for text in texts])
    one, two = data.map(deidentify_row), data.map(deidentify_row, num_proc=2)
    assert one.to_list() == two.to_list()
    assert {row["messages"][0]["content"] for row in one} == {"write to [EMAIL] or call [PHONE]"}
