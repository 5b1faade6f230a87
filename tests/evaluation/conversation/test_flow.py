"""Coverage, order and listening first, on conversations whose flow is known."""

import numpy as np
import pytest

from pixel.evaluation.conversation.flow import flow


def phases(*numbers):
    return np.eye(5)[list(numbers)]


def test_all_phases_in_order_are_a_full_flow():
    found = flow(phases(0, 1, 2, 3, 4))
    assert found.coverage == 1.0 and found.order == pytest.approx(1.0) and found.listened == 1.0
    assert found.shares == {name: 0.2 for name in ("opening", "exploring", "understanding", "working", "closing")}


def test_suggesting_first_is_heard():
    # working at places 0 and 3, listening at 1 and 2: none of it before the first, all of it before the other
    assert flow(phases(3, 1, 2, 3)).listened == pytest.approx(0.5)
    assert flow(phases(3, 3, 1, 2)).listened == 0.0


def test_backwards_is_minus_one():
    assert flow(phases(4, 3, 2, 1, 0)).order == pytest.approx(-1.0)


def test_kendall_by_hand():
    # stages 1 3 2 4: of six pairs five rise and one falls
    assert flow(phases(1, 3, 2, 4)).order == pytest.approx(4 / 6)


def test_coverage_counts_how_sure_the_surest_reply_is():
    read = np.array([[0.6, 0.4, 0, 0, 0], [0.0, 1.0, 0, 0, 0], [0, 0.5, 0.5, 0, 0], [0, 1.0, 0, 0, 0]])
    assert flow(read).coverage == pytest.approx((0.6 + 1.0 + 0.5) / 5)


def test_nothing_suggested_has_no_listening_first():
    assert flow(phases(1, 1, 2, 2)).listened is None


def test_the_same_reply_throughout_has_no_order():
    assert flow(phases(1, 1, 1, 1)).order == 0.0


def test_three_replies_have_no_flow():
    assert flow(phases(1, 2, 3)) is None


def test_any_order_listens_first_half_of_the_time():
    draw = np.random.default_rng(0)
    found = [flow(phases(*draw.permutation([1, 1, 2, 3, 3, 4]))).listened for _ in range(400)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.05)
