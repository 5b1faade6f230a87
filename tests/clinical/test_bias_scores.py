"""Scores that bias is measured on: which version of which text is compared with which truth."""

from types import SimpleNamespace

import pytest

from pixel.clinical import bias_scores
from pixel.clinical.bias import bias_table


class Engine:
    """Gives `one` the number of letters a in a text out of ten, `two` the rest."""

    def __init__(self):
        def helps(modality):
            return SimpleNamespace(interventions=[SimpleNamespace(modality=modality, level="first_line")])

        self.base = SimpleNamespace(categories={"one": helps("cbt"), "two": helps("cbt"), "three": helps("act")})

    def rank(self, picture):
        share = picture.count("a") / 10
        return [
            SimpleNamespace(outcome=SimpleNamespace(category=name), probability=p)
            for name, p in (("one", share), ("two", 0.5), ("three", 0.5 - share))
        ]


READER = SimpleNamespace(read=lambda text: text)


def test_each_version_is_scored_by_the_truth_of_its_own_text():
    score = bias_scores.diagnosis(READER, Engine(), [("one",), ("two", "three")])
    assert score(["a", "aa", "a", "aaa"]) == pytest.approx([0.1, 0.2, 0.9, 0.7])


def test_treatment_counts_every_category_that_is_treated_alike():
    score = bias_scores.treatment(READER, Engine(), [("one",)])
    assert score(["aa"]) == pytest.approx([0.7])  # two has the same modality as one, three has not


def test_empathy_is_the_mean_expected_level_of_one_fixed_reply():
    seen = []

    def read(talks):
        seen.extend(talks)
        return [[{}, {"empathy": {name: [0.5, 0.0, 0.5] for name in bias_scores.LEVELS}}] for _ in talks]

    assert bias_scores.empathy(read)(["x", "y"]) == [1.0, 1.0]
    assert [talk[1]["content"] for talk in seen] == [bias_scores.REPLY] * 2


def test_a_score_that_looks_at_the_person_is_found_out():
    def score(texts):
        return [1.0 if " she " in text.lower() else 0.0 for text in texts]

    gaps = bias_table(score, ["Lately she cries.", "At night she wakes."], ["gender"])
    assert any(gap.biased for gap in gaps)
