import json
import warnings

import numpy as np
import pytest

from pixel.benchmarks.pareto_problem import QuadraticProblem
from pixel.benchmarks.pareto_run import METHODS, descend, interval, pareto, pareto_markdown
from pixel.benchmarks.torchjd_peer import PEERS, peer_descend

HALF = np.array([0.5, 0.5])


def test_without_noise_the_plain_sum_ends_where_the_weighted_minimum_is():
    problem = QuadraticProblem(2, noise=0.0)
    weights = problem.scales * HALF
    joint = np.einsum("k,kij->ij", weights, problem.curvatures)
    target = np.einsum("k,kij,kj->i", weights, problem.curvatures, problem.minima)
    np.testing.assert_allclose(descend("sum", problem, HALF, 0, 600), np.linalg.solve(joint, target), atol=2e-3)


@pytest.mark.parametrize("name", ["sum", "imtlg", "alignedmtl"])
@pytest.mark.parametrize("bend", [0.0, 20.0])
def test_torchjd_run_directly_takes_the_same_path(name, bend):
    problem = QuadraticProblem(3, seed=1, bend=bend)
    preference = np.array([0.2, 0.2, 0.6])
    ours, theirs = (run(name, problem, preference, 2, 40) for run in (descend, peer_descend))
    np.testing.assert_allclose(ours, theirs, atol=1e-2)
    assert np.linalg.norm(ours - problem.start(2)) > 1, "it must have moved"


def test_every_schedule_and_every_route_of_preferences_runs():
    problem = QuadraticProblem(3)
    for name in METHODS:
        if name.startswith("schedule:") or "+" in name:
            pytest.importorskip("qpsolvers")
            assert np.isfinite(descend(name, problem, np.array([0.2, 0.2, 0.6]), 0, 5)).all(), name


def test_every_peer_is_there():
    pytest.importorskip("cvxpy"), pytest.importorskip("ecos"), pytest.importorskip("qpsolvers")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in PEERS:
            assert np.isfinite(peer_descend(f"torchjd:{name}", QuadraticProblem(2), HALF, 0, 2)).all(), name


def test_priorities_reach_the_weighting_and_scales_even_out_the_losses():
    problem, lopsided = QuadraticProblem(2, noise=0.0), np.array([0.125, 0.875])
    assert not np.allclose(
        descend("alignedmtl+priorities", problem, lopsided, 0, 60),
        descend("alignedmtl+priorities", problem, HALF, 0, 60),
        atol=1e-3,
    )
    even = descend("sum+scales", problem, HALF, 0, 600)
    joint, target = problem.curvatures.sum(0), np.einsum("kij,kj->i", problem.curvatures, problem.minima)
    np.testing.assert_allclose(even, np.linalg.solve(joint, target), atol=2e-3)


def test_the_interval_is_students():
    mean, half = interval([1.0, 2.0, 3.0, 4.0, 5.0])
    assert (mean, half) == (3.0, pytest.approx(2.776 * (2.5 / 5) ** 0.5, rel=1e-3))  # t of .975 at 4 degrees
    assert np.isnan(interval([1.0])[1])


def test_a_study_has_every_cell_and_can_be_added_to():
    pytest.importorskip("moocore")
    options = {"seeds": 2, "steps": 20, "bends": (0.0,)}
    first = pareto(["sum"], objectives=(2,), **options)
    both = pareto(["unitnorm"], objectives=(2, 3), **options, earlier=json.loads(json.dumps(first)))
    assert set(both["problems"]["2 objectives, convex front"]) == {"sum", "unitnorm"}
    assert set(both["problems"]["3 objectives, convex front"]) == {"unitnorm"}
    cell = both["problems"]["3 objectives, convex front"]["unitnorm"]
    assert len(cell["covered"]) == len(cell["gap"]) == 2 and len(cell["points"]) == 6
    assert all(0 <= share <= 1.001 for share in cell["covered"])
    assert "| sum | " in pareto_markdown(both)
    with pytest.raises(ValueError, match="other seeds or steps"):
        pareto(["sum"], seeds=3, steps=20, earlier=both)


def test_the_table_pairs_every_method_with_the_plain_sum_of_the_same_seeds():
    runs = {"sum": [0.1, 0.3, 0.5], "mgda": [0.3, 0.5, 0.7]}
    cells = {name: {"covered": shares, "gap": shares, "points": []} for name, shares in runs.items()}
    table = pareto_markdown({"seeds": 3, "problems": {"two": cells, "three": {"mgda": cells["mgda"]}}})
    _, covered, paired, gap = table.split("| method | two | three |")
    assert "| mgda | 0.500 ± 0.497 | 0.500 ± 0.497 |" in covered and "0.500 ± 0.497" in gap
    assert "| sum | 0.000 ± 0.000 | - |" in paired and "| mgda | 0.200 ± 0.000 | - |" in paired


def test_an_unknown_method_lists_the_names():
    with pytest.raises(ValueError, match="unknown methods krum; the names are sum, mean"):
        pareto(["krum"])
