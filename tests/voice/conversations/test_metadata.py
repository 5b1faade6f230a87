"""What is known of a voice."""

import numpy as np
import pytest

from pixel.voice.conversations.metadata import group_of, markers, own_likeness, person_hash, source_facts


class Letters:
    """A fingerprint that counts vowels."""

    def vector(self, text):
        counts = np.array([text.count(letter) for letter in "aeiou"], dtype=float)
        return counts / max(1e-9, np.linalg.norm(counts))


def test_a_hash_is_the_same_for_the_same_names_and_no_name():
    assert person_hash("voice", "a", "S1") == person_hash("voice", "a", "S1") != person_hash("voice", "aS1")
    assert len(person_hash("x")) == 16 and "x" not in person_hash("x")


def test_files_of_one_channel_are_one_group_and_others_not():
    one, two = ({"file": name, "channel": "C"} for name in ("a.wav", "b.wav"))
    assert group_of(one) == group_of(two) != group_of({"file": "a.wav"})
    assert group_of(one, "file") != group_of(two, "file")
    assert group_of({"file": "x/a.wav"}, "folder") == group_of({"file": "x/b.wav"}, "folder")


def test_a_group_that_the_source_does_not_name_is_the_file():
    assert group_of({"file": "a.wav"}, "channel") == group_of({"file": "a.wav"}, "file")


def test_source_facts_hold_no_name_or_address():
    told = source_facts({"file": "a", "url": "https://x", "channel": "Ann", "title": "T", "persona": "Ann",
                         "licence": "MIT", "consent": {"given_by": "Ann", "scope": ["training"]}})  # fmt: skip
    assert told["licence"] == "MIT" and told["consent_scope"] == ["training"]
    assert "Ann" not in str(told) and "https" not in str(told)


def test_a_stretch_by_somebody_else_is_less_like_the_rest():
    own, other = "a e a e a i " * 10, "u u u u u o " * 10
    alike = own_likeness([own, own, own, other], Letters(), words=50)
    assert alike[0] == alike[1] == alike[2] > 0.8 > 0.2 > alike[3]


def test_likeness_is_to_the_others_alone():
    first, second = "a " * 50, "e " * 50
    assert own_likeness([first, second], Letters(), words=50) == pytest.approx([0.0, 0.0])


def test_a_short_rest_joins_the_stretch_before_it():
    texts = ["a " * 50, "e " * 50, "e a " * 10]
    alike = own_likeness(texts, Letters(), words=50)
    joined = Letters().vector(" ".join(texts[1:]))
    assert alike[1] == alike[2] == pytest.approx(float(Letters().vector(texts[0]) @ joined), abs=1e-4)
    assert own_likeness(["a " * 50, "a "], Letters(), words=50) == [None, None]


def test_too_little_has_no_likeness():
    assert own_likeness(["a b c", "d e f"], Letters(), words=50) == [None, None]


def test_markers_are_numbers_with_their_family():
    found = markers("I think the sea was calm. We sailed, and then we slept on the deck until the morning came.")
    assert found and all("." in name and isinstance(value, float) for name, value in found.items())
