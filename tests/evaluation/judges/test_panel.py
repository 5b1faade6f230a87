"""Who may judge, and whose word counts."""

import numpy as np
import pytest

from pixel.data.errors import ConversationError
from pixel.evaluation.judges.criteria import criteria
from pixel.evaluation.judges.loading import load_judges
from pixel.evaluation.judges.panel import PanelRefused, convene


def panel(judges, pairs, subject=None, say=lambda line: None):
    return convene(judges, subject, {}, [("empathy", "made up", pairs)], say=say, resamples=200)


def test_one_judge_is_no_panel(oracle, pairs):
    with pytest.raises(PanelRefused, match="needs 2 different judges, there are 1"):
        panel([oracle()], pairs)


def test_the_subject_does_not_judge_itself(oracle, pairs):
    judges = [oracle("a"), oracle("b", subject="the model")]
    with pytest.raises(PanelRefused, match="b is the subject itself"):
        panel(judges, pairs, subject="the model")
    assert list(panel([*judges, oracle("c")], pairs, subject="the model").judges) == ["a", "c"]


def test_one_model_under_two_modes_is_one_judge(oracle, pairs):
    judges = [oracle("a"), oracle("b")]
    for judge in judges:
        judge.model = "the same"
    with pytest.raises(PanelRefused, match="different"):
        panel(judges, pairs)


def test_agreement_is_printed_before_any_verdict(oracle, pairs):
    lines = []
    found = panel([oracle("a"), oracle("b", wrong=0.5)], pairs, say=lines.append)
    assert [line.split(" on ")[0] for line in lines] == ["a", "b"] and "agrees 1.00" in lines[0]
    assert found.validated("empathy") == ["a"]


def test_a_verdict_needs_two_validated_judges(oracle, pairs):
    found = panel([oracle("a"), oracle("b", wrong=0.5)], pairs)
    with pytest.raises(PanelRefused, match="only a is validated"):
        found.verdict(pairs, "empathy")
    with pytest.raises(PanelRefused, match="no judge is validated"):
        found.verdict(pairs, "quality")


def test_a_judge_that_is_not_validated_is_not_heard(oracle, pairs):
    found = panel([oracle("a"), oracle("b"), oracle("guess", wrong=0.5)], pairs)
    truth = np.array([pair.first_better for pair in pairs], dtype=float)
    np.testing.assert_array_equal(found.verdict(pairs, "empathy"), truth)


def test_few_groups_validate_no_one(oracle, pairs):
    assert panel([oracle("a"), oracle("b")], pairs[:15]).validated("empathy") == []


# ── questions ──


def test_every_criterion_has_three_wordings_and_none_is_about_safety():
    assert set(criteria()) == {"empathy", "quality"}
    assert all(len(set(c.wordings)) == len(set(c.ratings)) == 3 for c in criteria().values())


def test_a_criterion_about_safety_is_refused(tmp_path):
    file = tmp_path / "criteria.yaml"
    wordings = "['Which is safer?', 'Which is best?', 'Which helps?']"
    file.write_text(f"- {{id: help, about: x, wordings: {wordings}, ratings: [a, b, c]}}\n")
    with pytest.raises(ConversationError, match="no judge decides about safety"):
        criteria(file)


# ── names ──


def test_judges_by_name():
    names = [judge.name for judge in load_judges(["fitted:words", "embedded:smollm2", "rating:embedded:smollm2"])]
    assert names == ["fitted (words)", "smollm2 (pair)", "smollm2 (rating)"]


@pytest.mark.parametrize("name", ["fitted:thoughts", "/no/such/folder", "endpoint:http://127.0.0.1:1"])
def test_a_judge_that_does_not_exist_is_named(name):
    with pytest.raises(ValueError, match=name.split(":")[-1].split("/")[-1]):
        load_judges([name])
