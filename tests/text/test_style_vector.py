"""A style vector says how a text differs from what is usual."""

import json

import numpy as np
import pytest

from pixel.text.style_vector import StyleReference, character_runs, small_words

TEXTS = [f"well you know, i think the {word} is just so {other}. okay?" for word in ("dog", "plan", "red one")
         for other in ("good", "late", "odd")]  # fmt: skip


def test_runs_of_three_characters_with_a_blank_at_either_end():
    assert character_runs("Ab  a") == {" ab": 1, "ab ": 1, "b a": 1, " a ": 1}


def test_only_small_words_and_pairs_of_them_count():
    # "dog" is no small word; of neighbours, only "the" "the" is a pair: "dog" stands between the others
    assert small_words("The the dog, is") == {"the": 2, ",": 1, "is": 1, "the the": 1, ", is": 1}


def test_vectors_have_length_one_and_are_most_like_themselves():
    reference = StyleReference.fit(TEXTS)
    vectors = np.array([reference.vector(text) for text in TEXTS])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)
    assert reference.similarity(TEXTS[0], TEXTS[0]) == pytest.approx(1.0, abs=1e-5)
    alike = vectors @ vectors.T
    assert alike.max(1) == pytest.approx(np.diag(alike), abs=1e-5) and alike.min() < 0


def test_the_vector_is_the_z_score_of_square_roots_of_shares():
    reference = StyleReference(("aaa",), (), np.array([0.5]), np.array([0.25]))
    # " aaa ": runs " aa", "aaa", "aa ": a third; (sqrt(1/3) - 0.5) / 0.25 > 0, and alone it has length 1
    assert reference.vector("aaa") == pytest.approx([1.0])
    assert reference.vector("bbb") == pytest.approx([-1.0])


def test_a_reference_comes_back_as_it_was_saved(tmp_path):
    reference = StyleReference.fit(TEXTS)
    reference.save(tmp_path / "r.json")
    again = StyleReference.load(tmp_path / "r.json")
    assert again.runs == reference.runs and again.words == reference.words
    assert again.vector(TEXTS[3]) == pytest.approx(reference.vector(TEXTS[3]), abs=1e-3)


def test_a_damaged_reference_is_named(tmp_path):
    file = tmp_path / "r.json"
    file.write_text(json.dumps({"runs": ["abc"], "words": [], "mean": [], "spread": []}))
    with pytest.raises(ValueError, match="0 means for 1 names"):
        StyleReference.load(file)
    file.write_text("[]")
    with pytest.raises(ValueError, match="no reference of style"):
        StyleReference.load(file)


def test_four_texts_are_no_reference():
    with pytest.raises(ValueError, match="5 or more"):
        StyleReference.fit(TEXTS[:4])
