import numpy as np
import pytest

from pixel.voice.personality.consistency.naturalness import (
    Naturalness,
    default_naturalness,
    dialogue_marks,
    fit_naturalness,
    fit_openings,
)


def dialogue(*said):
    return [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(said)]


ASKED = dialogue("Is it late?", "Yes it is.", "Are you tired?", "Yes a bit.", "I am too.", "So let us go.")


def test_openings_are_log_ratios_of_first_words():
    found = fit_openings([ASKED])
    # after a question: yes, yes; otherwise: are, i, so. Five names, one added to each count
    names = 4
    assert found["yes"] == pytest.approx(np.log(3 / (2 + names)) - np.log(1 / (3 + names)))
    assert found["so"] == pytest.approx(np.log(1 / (2 + names)) - np.log(2 / (3 + names)))


def test_an_opening_counts_for_or_against_by_whether_a_question_came_before():
    marks = dialogue_marks(dialogue("Is it late?", "Yes.", "Yes."), {"yes": 2.0})
    assert marks["openings"] == pytest.approx((2.0 - 2.0) / 2)
    assert dialogue_marks(dialogue("Late?", "Yes.", "Late?", "Yes."), {"yes": 2.0, "late": 0.0})["openings"] > 1


def test_near_and_nearer_are_means_of_cosines():
    vectors = {"a": [1.0, 0.0], "b": [0.6, 0.8], "c": [0.0, 1.0]}
    marks = dialogue_marks(dialogue("a", "b", "c"), {}, encode=lambda said: np.array([vectors[one] for one in said]))
    assert marks["near"] == pytest.approx((0.6 + 0.8) / 2)
    assert marks["nearer"] == pytest.approx(0.7 - 0.0)
    assert marks["told"] is None


def test_what_is_told_is_asked_of_neighbours():
    asked = []

    def told(pairs):
        asked.extend(pairs)
        return np.arange(len(pairs))

    marks = dialogue_marks(dialogue("a", "b", "c"), {}, lambda said: np.eye(3), told)
    assert asked == [("a", "b"), ("b", "c")] and marks["told"] == 0.5


def test_two_turns_are_too_few_and_a_system_message_is_no_turn():
    said = [{"role": "system", "content": "Be kind."}, *dialogue("a", "b")]
    assert set(dialogue_marks(said, {}).values()) == {None}
    assert default_naturalness().read(said)["natural"] is None


@pytest.fixture(scope="module")
def fitted():
    generator = np.random.default_rng(0)
    names = ("openings", "near", "nearer", "told")
    real = [dict(zip(names, generator.normal(1.0, 1.0, 4), strict=True)) for _ in range(400)]
    changed = [dict(zip(names, generator.normal(0.0, 1.0, 4), strict=True)) for _ in range(800)]
    return fit_naturalness(real, changed, {"yes": 1.0}, [ASKED, dialogue("a b c d", "a", "b")])


def test_weights_are_fitted_for_every_set_of_marks(fitted):
    assert list(fitted.weights) == ["openings", "openings near nearer", "openings near nearer told"]
    # normals one apart in each mark: the log-odds rise by 1 a unit of each
    whole = fitted.weights["openings near nearer told"]
    for name in ("openings", "near", "nearer", "told"):
        assert whole[name] / fitted.spread[name] == pytest.approx(1.0, abs=0.25)


def test_answers_to_questions_read_as_more_natural_than_the_same_elsewhere(fitted):
    own = fitted.read(dialogue("Late?", "Yes.", "Late?", "Yes."))
    other = fitted.read(dialogue("Late.", "Yes?", "Late.", "Yes?"))
    assert 0 < other["natural"] < own["natural"] < 1
    assert own["near"] is None and own["told"] is None


def test_unusual_lengths_are_told_in_standard_deviations(fitted):
    usual = fitted.read(ASKED)["lengths"]
    assert fitted.read(dialogue("x " * 400, "y", "z " * 400))["lengths"] > usual + 2


def test_what_is_saved_is_read_back(fitted, tmp_path):
    fitted.save(tmp_path / "n.json")
    again = Naturalness.load(tmp_path / "n.json")
    assert again.read(ASKED)["natural"] == pytest.approx(fitted.read(ASKED)["natural"], rel=1e-3)
    assert list(again.weights) == list(fitted.weights)
    (tmp_path / "n.json").write_text('{"openings": {}}')
    with pytest.raises(ValueError, match=r"n\.json: no reference"):
        Naturalness.load(tmp_path / "n.json")
