"""What is known of a voice."""

import numpy as np
import pytest

from pixel.voice.conversations.metadata import (
    groups_of,
    markers,
    own_likeness,
    person_hash,
    source_facts,
    speaker_hash,
)


class Letters:
    """A fingerprint that counts vowels."""

    def vector(self, text):
        counts = np.array([text.count(letter) for letter in "aeiou"], dtype=float)
        return counts / max(1e-9, np.linalg.norm(counts))


def test_a_hash_is_the_same_for_the_same_names_and_no_name():
    assert person_hash("voice", "a", "S1") == person_hash("voice", "a", "S1") != person_hash("voice", "aS1")
    assert len(person_hash("x")) == 16 and "x" not in person_hash("x")


def test_files_of_one_channel_are_one_group_and_others_not():
    files = [{"file": "a.wav", "channel": "C"}, {"file": "b.wav", "channel": "C"}, {"file": "c.wav"}]
    found = groups_of(files)
    assert found["a.wav"] == found["b.wav"] != found["c.wav"]
    assert len(set(groups_of(files, "file").values())) == 3
    found = groups_of([{"file": "x/a.wav"}, {"file": "x/b.wav"}, {"file": "a.wav"}], "folder")
    assert found["x/a.wav"] == found["x/b.wav"] != found["a.wav"]


def test_a_channel_with_several_personas_and_a_persona_of_several_channels_are_one_group():
    given = (("a", "C", "warm"), ("b", "C", "strict"), ("c", "D", "strict"), ("d", "D", None), ("e", "E", "calm"))
    files = [{"file": file, "channel": channel, "persona": persona} for file, channel, persona in given]
    found = groups_of(files)
    assert len({found[name] for name in "abcd"}) == 1 and found["e"] != found["a"]
    assert groups_of(files[::-1]) == found


def test_a_group_that_the_source_does_not_name_is_the_file():
    assert groups_of([{"file": "a.wav"}], "channel") == groups_of([{"file": "a.wav"}], "file")


def test_source_facts_hold_no_name_or_address():
    told = source_facts({"file": "a", "url": "https://x", "channel": "Ann", "title": "T", "persona": "Ann",
                         "licence": "MIT", "consent": {"given_by": "Ann", "scope": ["training"]}})  # fmt: skip
    assert told["licence"] == "MIT" and told["consent_scope"] == ["training"]
    assert "Ann" not in str(told) and "https" not in str(told)


def test_a_playlist_and_a_permission_that_name_somebody_do_not_name_them_in_a_row():
    told = source_facts({"file": "a", "playlist": "Ann Hill's  talks, www.hill.org", "channel": "Ann Hill",
                         "licence": "by mail of ann@hill.org"})  # fmt: skip
    assert told["playlist"] == "[NAME]'s talks, [URL]" and told["licence"] == "by mail of [EMAIL]"
    address = "https://creativecommons.org/licenses/by/4.0/"
    assert source_facts({"file": "a", "licence": address})["licence"] == address


def test_a_speaker_is_the_persona_or_one_of_the_file():
    facts = {"file": "a.wav"}
    assert speaker_hash(facts, None) == speaker_hash(facts, "S1") != speaker_hash(facts, "S2")
    assert speaker_hash(facts | {"speakers": "monologue"}, "S2") == speaker_hash(facts, "S1")
    assert speaker_hash({"file": "a", "persona": "P"}, "S2") == speaker_hash({"file": "b", "persona": "P"}, "S1")


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
