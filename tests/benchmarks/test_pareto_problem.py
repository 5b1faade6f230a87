import sys

import numpy as np
import pytest

from pixel.benchmarks.pareto_problem import REFERENCE, Front, QuadraticProblem, simplex


def test_minima_are_one_apart_and_the_scales_are_a_hundred_apart():
    problem = QuadraticProblem(3)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert np.linalg.norm(problem.minima[i] - problem.minima[j]) == pytest.approx(1.0)
    assert problem.scales.tolist() == pytest.approx([1, 10, 100])
    assert np.linalg.eigvalsh(problem.curvatures).min() >= 1 - 1e-9


@pytest.mark.parametrize("bend", [0.0, 20.0])
def test_gradients_are_those_of_the_values(bend):
    problem = QuadraticProblem(3, seed=1, bend=bend)
    x, step = problem.start(0), 1e-6
    values, gradients = problem.values_and_gradients(x)
    np.testing.assert_allclose(values, problem.values(x))
    for axis in range(problem.dimensions):
        move = step * np.eye(problem.dimensions)[axis]
        slope = (problem.values(x + move) - problem.values(x - move)) / (2 * step)
        np.testing.assert_allclose(gradients[:, axis], slope, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("bend", [0.0, 20.0])
def test_on_the_pareto_set_some_weights_cancel_the_gradients(bend):
    problem = QuadraticProblem(2, seed=2, bend=bend)
    for x in problem.pareto_set(9)[1:-1]:
        _, (first, second) = problem.values_and_gradients(x)
        cosine = first @ second / (np.linalg.norm(first) * np.linalg.norm(second))
        assert cosine == pytest.approx(-1.0, abs=1e-9)


def test_the_pareto_set_ends_in_the_minima_and_has_as_many_points_as_asked():
    problem = QuadraticProblem(3)
    found = problem.pareto_set(60)
    assert len(found) >= 60
    for minimum in problem.minima:
        assert np.linalg.norm(found - minimum, axis=1).min() < 1e-9


def test_no_point_of_the_front_is_better_than_another_in_everything():
    problem = QuadraticProblem(3, seed=3, bend=20.0)
    values = problem.values(problem.pareto_set(100))
    better = (values[:, None] < values - 1e-9).all(-1)
    assert not better.any()


def test_simplex_lists_every_share_once():
    assert simplex(2, 3).tolist() == [[0, 3], [1, 2], [2, 1], [3, 0]]
    inside = simplex(3, 5, least=1)
    assert len(inside) == len({tuple(row) for row in inside.tolist()}) == 6  # 4 over 2
    assert (inside.sum(1) == 5).all() and inside.min() == 1


def test_starts_are_far_and_come_back_with_the_seed():
    problem = QuadraticProblem(2, seed=4)
    assert np.linalg.norm(problem.start(0) - problem.minima.mean(0)) == pytest.approx(5.0)
    np.testing.assert_array_equal(problem.start(1), QuadraticProblem(2, seed=4).start(1))
    assert not np.allclose(problem.start(0), problem.start(1))


def test_too_few_objectives_or_dimensions_are_refused():
    with pytest.raises(ValueError, match="found 1"):
        QuadraticProblem(1)
    with pytest.raises(ValueError, match="found 3"):
        QuadraticProblem(3, dimensions=2)


# ── hypervolume ──


def test_hypervolume_of_one_point_is_its_box_and_overlaps_count_once():
    pytest.importorskip("moocore")
    assert Front._volume(np.array([[0.1, 0.6, 0.1]])) == pytest.approx((REFERENCE - 0.1) ** 2 * (REFERENCE - 0.6))
    two = np.array([[0.1, 0.6], [0.6, 0.1]])
    assert Front._volume(two) == pytest.approx(1.0 * 0.5 + 0.5 * 1.0 - 0.5 * 0.5)
    assert Front._volume(np.array([[2.0, 0.0]])) == 0.0


def test_the_front_covers_itself_and_has_no_gap():
    pytest.importorskip("moocore")
    front = Front(QuadraticProblem(3, seed=5), points=300)
    everything = front.problem.pareto_set(300)
    assert front.covered(everything) == pytest.approx(1.0)
    assert front.gap(everything) == pytest.approx(0.0, abs=1e-12)
    assert 0 < front.covered(everything[:1]) < 1


def test_the_gap_is_how_far_everything_could_fall_at_once():
    pytest.importorskip("moocore")
    front = Front(QuadraticProblem(2, seed=6), points=2000)
    front.points = np.array([[0.2, 0.3], [0.5, 0.1]])
    front.scaled = lambda x: np.array([[0.4, 0.4], [0.1, 0.1]])
    # From (.4, .4) both can fall by .1 (to the first point); nothing beats (.1, .1).
    assert front.gap(np.zeros((2, 6))) == pytest.approx(0.05)


def test_missing_moocore_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "moocore", None)
    with pytest.raises(ImportError, match='pip install "moocore'):
        Front(QuadraticProblem(2), points=5)
