"""What was measured travels with a measure: validated only if everything that decides validates it."""

import pytest

from pixel.evaluation.conversation.measured import load, save, standing, table
from pixel.evaluation.conversation.studies import Study
from pixel.evaluation.validity import Validity

GOOD = Validity(0.9, 0.85, 0.95, 1200, 0.5, 0.52, 0.3, True, "true against swapped replies")
POOR = Validity(0.1, -0.1, 0.2, 195, 0.0, 0.15, -0.2, False, "rated change", "not above a constant answer")
NONE = Validity(None, None, None, 3, 0.5, None, None, False, "quality", "the labels are all of one class")


def test_one_line_that_decides_and_fails_is_enough():
    assert standing("a", [Study("a", "x", True, GOOD)]).validated
    assert not standing("a", [Study("a", "x", True, GOOD), Study("a", "y", True, POOR)]).validated


def test_lines_aside_and_of_other_measures_do_not_count():
    found = standing("a", [Study("a", "x", True, GOOD), Study("a", "y", False, POOR), Study("b", "x", True, POOR)])
    assert found.validated and "rated change" not in found.against


def test_the_figures_stand_in_the_words():
    words = standing("a", [Study("a", "x", True, GOOD), Study("a", "y", True, POOR)]).against
    assert "AUC 0.90 (0.85 to 0.95), length alone 0.52, n 1,200" in words and "r 0.10 (-0.10 to 0.20)" in words


def test_what_nobody_measured_is_not_validated():
    assert standing("nothing", []) == (False, "nothing: it was not held against people")
    assert not standing("a", [Study("a", "x", True, NONE)]).validated


def test_save_and_load_agree(tmp_path):
    studies = [Study("a", "x", True, GOOD), Study("b", "y", False, NONE)]
    save(studies, tmp_path / "v.json")
    assert load(tmp_path / "v.json") == tuple(studies)
    assert load(tmp_path / "missing.json") == ()


def test_the_table_says_no_and_why():
    lines = table([Study("a", "x", True, GOOD), Study("b", "y", False, POOR)]).splitlines()
    assert lines[2].endswith("| yes |")
    assert lines[3].endswith("| no: not above a constant answer (aside) |")


@pytest.mark.parametrize("measure", ["coherence", "naturalness", "authenticity", "phases", "flow_order", "practice"])
def test_every_measure_of_the_tasks_was_held_against_people(measure):
    assert not standing(measure).against.startswith("nothing")


def test_what_takes_templates_for_people_is_no_measure_of_naturalness():
    found = standing("naturalness")
    assert not found.validated and "templates" in found.against
