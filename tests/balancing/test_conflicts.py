import math

import torch
from torch.testing import assert_close

from pixel.balancing.conflicts import ConflictLog, conflicting_pairs, cosines, magnitude_ratios, summary

NAMES = ("a", "b", "c")
ROWS = torch.tensor([[3.0, 0.0], [-1.0, 1.0], [0.0, 0.0]])
GRAM = ROWS @ ROWS.T


def test_cosines_and_ratios_are_those_of_the_vectors_and_undefined_without_a_gradient():
    assert math.isclose(cosines(GRAM)[0, 1], -1 / math.sqrt(2))
    assert math.isclose(magnitude_ratios(GRAM)[1, 0], math.sqrt(2) / 3)
    assert cosines(GRAM)[2].isnan().all() and magnitude_ratios(GRAM)[0, 2].isnan()


def test_cosines_survive_gradients_whose_squares_are_tiny():
    assert_close(cosines(GRAM.double() * 1e-30)[:2, :2], cosines(GRAM)[:2, :2])


def test_conflicting_pairs_are_named_once():
    assert conflicting_pairs(GRAM, NAMES) == [("a", "b")]
    assert conflicting_pairs(GRAM, NAMES, below=-0.9) == []


def test_summary_is_finite_floats_for_objectives_with_a_gradient():
    found = summary(GRAM, NAMES)
    assert found == {
        "gradient_norm/a": 3.0,
        "gradient_norm/b": math.sqrt(2),
        "gradient_norm/c": 0.0,
        "cosine/a_b": found["cosine/a_b"],
        "magnitude_ratio/a_b": found["magnitude_ratio/a_b"],
    }
    assert all(isinstance(value, float) and math.isfinite(value) for value in found.values())


def test_the_running_fraction_counts_only_pairs_that_were_seen():
    log = ConflictLog(NAMES)
    assert log.as_dict() == {}
    log.update(GRAM)  # a and b conflict, c absent
    log.update(torch.eye(3))  # three pairs, no conflict
    found = log.as_dict("x/")
    assert found["x/conflict_fraction/a_b"] == 0.5
    assert found["x/conflict_fraction/a_c"] == 0.0
    assert found["x/conflict_fraction"] == 0.25
