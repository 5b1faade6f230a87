import pytest
import torch
from torch.testing import assert_close

from pixel.balancing.priorities import Priorities

NAMES = ("language", "eq", "persona")


def test_curves_are_linear_between_points_and_flat_outside():
    priorities = Priorities({"eq": [[0.2, 1.0], [0.4, 3.0], [0.9, 0.5]], "persona": 2}, NAMES)
    found = [priorities.at(fraction).tolist() for fraction in (0.0, 0.2, 0.3, 0.4, 0.65, 0.9, 1.0)]
    assert_close([row[1] for row in found], [1.0, 1.0, 2.0, 3.0, 1.75, 0.5, 0.5])
    assert all(row[0] == 1.0 and row[2] == 2.0 for row in found)


def test_priorities_share_out_and_keep_the_sum():
    weights = torch.tensor([1.0, 1.0, 2.0], dtype=torch.float64)
    found = Priorities({"language": 3.0}, NAMES).apply(weights, 0.5)
    assert_close(found, torch.tensor([2.0, 2 / 3, 4 / 3], dtype=torch.float64))


def test_the_same_priority_for_all_changes_nothing():
    weights = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)
    assert_close(Priorities(dict.fromkeys(NAMES, 7.0), NAMES).apply(weights, 0.1), weights)


@pytest.mark.parametrize(
    ("curves", "message"),
    [
        ({"eqq": 1}, "priorities names unknown objectives \\['eqq'\\]"),
        ({"eq": 0}, "priorities\\[eq\\] must be a number above 0, found 0"),
        ({"eq": []}, "priorities\\[eq\\] must be a number or a list of \\[fraction, value\\]"),
        ({"eq": [0.1, 2]}, "priorities\\[eq\\] must be a number or a list of \\[fraction, value\\]"),
        ({"eq": [[0.5, 1], [0.5, 2]]}, "fractions must rise, found 0.5 after 0.5"),
        ({"eq": [[1.5, 1]]}, "priorities\\[eq\\] fraction must be a number at least 0 and at most 1, found 1.5"),
        ([1, 2, 3], "priorities must map objectives to values"),
    ],
)
def test_curves_that_do_not_fit_are_named(curves, message):
    with pytest.raises(ValueError, match=message):
        Priorities(curves, NAMES)
