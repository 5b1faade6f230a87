import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from pixel.balancing.bounds import bounded, limits


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


FREE = torch.inf


def test_weights_within_their_bounds_stay_to_the_last_bit():
    weights = vector(0.1, 0.7, 1.3)
    assert bounded(weights, vector(0, 0, 0), vector(1, 1, 2)).tolist() == weights.tolist()


@pytest.mark.parametrize(
    ("weights", "low", "high", "expected"),
    [
        ((1.0, 1.0, 1.0), (0, 0, 2), (FREE,) * 3, (0.5, 0.5, 2.0)),
        ((2.0, 0.5, 0.5), (0, 0, 0), (1, FREE, FREE), (1.0, 1.0, 1.0)),
        ((4.0, 1.0, 1.0), (0, 0, 0), (1, 2, FREE), (1.0, 2.0, 3.0)),  # the second hits its bound in its turn
        ((1.0, 1.0), (3, 3), (FREE, FREE), (3.0, 3.0)),  # bounds win over the sum
        ((3.0, 3.0), (0, 0), (1, 1), (1.0, 1.0)),
        ((1.0, 0.0), (0, 0), (0.5, FREE), (0.5, 0.0)),  # nobody to take it: zero stays zero
        ((0.0, 0.0), (0.5, 0), (FREE, FREE), (0.5, 0.0)),
    ],
)
def test_the_others_share_out_what_a_clipped_weight_leaves(weights, low, high, expected):
    assert_close(bounded(vector(*weights), vector(*low), vector(*high)), vector(*expected))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[st.floats(0.01, 3)] * 3), min_size=1, max_size=6))
def test_the_answer_is_the_clipped_multiple_of_the_weights_whose_sum_is_kept(rows):
    weights, low, width = (vector(*column) for column in zip(*rows, strict=True))
    high = low + width
    found = bounded(weights, low, high)
    assert bool(((low <= found) & (found <= high)).all())
    reachable = weights.sum().clamp(low.sum(), high.sum())
    left, right = 0.0, 1e4  # bisection, another road to the same scale
    for _ in range(100):
        middle = (left + right) / 2
        if (middle * weights).clamp(low, high).sum() < reachable:
            left = middle
        else:
            right = middle
    assert_close(found, (right * weights).clamp(low, high), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({"x": [0, 1]}, "bounds names unknown objectives \\['x'\\]"),
        ({"a": 1.0}, "bounds\\[a\\] must be \\[low, high\\], found 1.0"),
        ({"a": [2, 1]}, "bounds\\[a\\]: low 2 is above high 1; swap them"),
        ({"a": [-1, 1]}, "bounds\\[a\\] low must be a number at least 0"),
    ],
)
def test_bounds_that_do_not_fit_are_named(bounds, message):
    with pytest.raises(ValueError, match=message):
        limits(bounds, ("a", "b"))


def test_a_high_of_none_is_no_limit():
    low, high = limits({"a": [0.5, None]}, ("a", "b"))
    assert low.tolist() == [0.5, 0.0] and high.tolist() == [FREE, FREE]
