import random

import pytest

from pixel.knowledge.quality.near_duplicates import (
    DuplicateGate,
    NearDuplicates,
    duplicate_share,
    jaccard,
    shingles,
)


def test_shingles_ignore_case_and_marks():
    assert set(shingles("I can't SLEEP, at all!")) == set(shingles("i can't sleep at all"))
    assert len(shingles("one two three four", 3)) == 2 and len(shingles("", 3)) == 0


def test_jaccard_is_shared_over_all():
    # runs of two: {a b, b c, c d} and {b c, c d, d e}: two shared of four
    assert jaccard(shingles("a b c d", 2), shingles("b c d e", 2)) == pytest.approx(0.5)
    assert jaccard(shingles(""), shingles("")) == 0.0


def test_nearly_the_same_is_found_and_the_rest_is_not():
    chance = random.Random(0)
    words = [f"word{number}" for number in range(2000)]
    texts = [" ".join(chance.choices(words, k=40)) for _ in range(300)]
    edited = [text.replace(text.split()[20], "other", 1) for text in texts]
    assert duplicate_share(texts) == 0.0
    assert duplicate_share(texts + edited) == pytest.approx(0.5, abs=0.01)


def test_the_earlier_one_is_named_with_the_similarity():
    seen = NearDuplicates()
    assert seen.add("first", "I cannot sleep since my mother died last spring") is None
    assert seen.add("second", "I cannot sleep since my mother died, last spring.") == ("first", 1.0)


def test_texts_without_words_are_nobodys_duplicates():
    seen = NearDuplicates()
    assert seen.add(1, "") is None and seen.add(2, "...") is None
    assert duplicate_share([]) == 0.0


def test_the_gate_remembers_openings_and_whole_conversations():
    gate = DuplicateGate()
    row = {"id": "a", "messages": [{"role": "user", "content": "My brother stopped talking to me in May."}]}
    assert gate(row) == []
    assert {defect.kind for defect in gate(row | {"id": "b"})} == {"near_duplicate_opening", "near_duplicate"}
