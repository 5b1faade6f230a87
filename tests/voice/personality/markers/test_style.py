import pytest

from pixel.voice.personality.markers import style


def test_counts_are_per_100_words():
    found = style.measure("I think we should wait, because maybe they don't know.")
    # ten words
    assert found["hedges"] == pytest.approx(20.0)  # I think, maybe
    assert found["directness"] == pytest.approx(10.0)
    assert found["causes"] == pytest.approx(10.0)
    assert found["i_words"] == found["we_words"] == found["they_words"] == pytest.approx(10.0)
    assert found["contractions"] == found["negation"] == pytest.approx(10.0)


def test_the_longest_entry_wins_and_counts_once():
    assert style.listed(["of course", "of", "course"]).findall("of course of") == ["of course", "of"]


def test_entries_are_whole_words():
    assert style.listed(["no", "so"]).findall("nobody knows some so") == ["so"]


def test_a_star_stands_for_any_stem():
    assert style.listed(["*n't"]).findall("don't can't ain't not n't") == ["don't", "can't", "ain't"]


def test_every_list_holds_strings_and_has_wording():
    # YAML reads a bare yes, no or on as a truth value
    for name, entry in style._lists().items():
        assert all(isinstance(word, str) and word == word.lower() for word in entry["words"]), name
        assert entry["label"] and entry["low"] and entry["high"]


def test_no_words_are_nulls():
    assert set(style.measure("...").values()) == {None}
