import json

import pytest

from pixel.benchmarks.toy_problem import STARTS_A, STARTS_B, objectives
from pixel.benchmarks.toy_run import descend, toy, toy_markdown, weigher

STEPS = 30_000  # within these the plain sum has arrived or is caught


def reached(name: str, starts, steps: int, scale: float = 1.0) -> list[bool]:
    return [descend(weigher(name, steps, scale), start, steps, scale)["reached"] for start in starts]


def test_the_plain_sum_reaches_the_pareto_set_from_one_start_of_three():
    assert reached("sum", STARTS_A, STEPS) == [False, True, False]


def test_the_plain_sum_of_scaled_objectives_is_caught_at_the_third_start_alone():
    assert reached("sum", STARTS_B, 50_000, 0.1) == [True, True, False, True, True]


def test_mgda_and_nash_reach_it_from_every_scaled_start():
    for name in ("mgda", "nashmtl"):
        assert reached(name, STARTS_B, 50_000, 0.1) == [True] * 5


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pcgrad", "cagrad", "mgda", "nashmtl"])
def test_conflict_aware_methods_reach_it_from_all_three_starts(name):
    assert reached(name, STARTS_A, 100_000) == [True] * 3


def test_closed_forms_follow_the_solvers_path():
    for name in ("upgrad", "imtlg"):
        pytest.importorskip("qpsolvers")
        fast, solved = (descend(weigher(name, 150, 0.1, library), (9.0, -1.0), 150, 0.1) for library in (False, True))
        assert fast["end"] == pytest.approx(solved["end"], abs=1e-6)
        assert fast["end"] != pytest.approx([9.0, -1.0], abs=0.1), "it must have moved"


def test_adam_moves_by_the_learning_rate_at_first():
    run = descend(weigher("sum", 1), (3.0, -4.0), 1)
    _, first, second = objectives((3.0, -4.0))
    signs = [1 if p + q > 0 else -1 for p, q in zip(first, second, strict=True)]
    assert run["end"] == pytest.approx([3.0 - 1e-3 * signs[0], -4.0 - 1e-3 * signs[1]], abs=1e-9)


def test_a_run_that_stands_still_ends_early_and_knows_when_it_arrived():
    run = descend(weigher("sum", STEPS), (0.5, -8.0), STEPS)
    assert run["reached"] and 0 < run["arrived"] < 5_000
    assert len(run["path"]) < STEPS / 250
    assert run["end"] == pytest.approx([0.0, -8.355], abs=1e-3)


def test_schedules_see_positive_losses_and_the_gram_matrix():
    for name in ("gradnorm", "famo"):
        run = descend(weigher(name, 300, 0.1), (-7.5, -0.5), 300, 0.1)
        assert sum(run["values"]) < sum(objectives((-7.5, -0.5), 0.1)[0]) - 0.1, "downhill"


def test_the_study_is_a_table_and_json():
    result = toy(["sum", "mgda"], ["A"], fraction=0.001)
    assert result["steps"] == {"A": 100, "B": 50} and result["missing"] == []
    assert [len(result["runs"]["A"][name]) for name in ("sum", "mgda")] == [3, 3]
    assert "| sum | 0/3 | x (" in toy_markdown(result)
    more = toy(["sum", "imtlg"], ["A", "B"], fraction=0.001, earlier=json.loads(json.dumps(result)))
    assert more["runs"]["A"]["sum"] == result["runs"]["A"]["sum"]
    assert set(more["runs"]["A"]) == {"sum", "mgda", "imtlg"} and set(more["runs"]["B"]) == {"sum", "imtlg"}
    with pytest.raises(ValueError, match="other steps"):
        toy(["sum"], earlier=result)


def test_an_unknown_method_lists_the_names():
    with pytest.raises(ValueError, match="unknown method 'krum'; the names are sum, mean, upgrad"):
        weigher("krum", 10)
