"""The table of an ablation, from runs written by hand; and runs that go on where they were."""

import json

import pytest

from pixel.benchmarks.ablation import ablate, ablation_markdown, summarise


def run(strategy: str, seed: int, eq: float, clinical: float) -> dict:
    measured = {"eq": {"a/vad": eq, "a/noise": 0.01}, "clinical": {"b/risk": clinical}}
    return {"strategy": strategy, "settings": {}, "seed": seed, "seconds": 1.0, "test": measured}


def test_delta_m_is_taken_seed_by_seed_and_unreadable_metrics_are_left_out():
    runs = [run("sum", 0, 0.5, 0.8), run("sum", 1, 0.4, 0.5), run("x", 0, 0.55, 0.8), run("x", 1, 0.48, 0.5)]
    rows = {row["strategy"]: row for row in summarise(runs)}
    # seed 0: -(10% + 0) / 2, seed 1: -(20% + 0) / 2
    assert rows["x"]["over_sum"][0] == pytest.approx(-7.5)
    half = 12.706204736 * 3.5355339 / 2**0.5  # Student's t with one degree of freedom
    assert rows["x"]["over_sum"][1:] == pytest.approx((-7.5 - half, -7.5 + half), rel=1e-6)
    assert rows["sum"]["over_sum"][0] == 0.0
    assert rows["x"]["score"] == pytest.approx((0.55 + 0.8 + 0.48 + 0.5) / 4)
    assert rows["x"]["over_single"] is None


def test_single_objective_runs_are_a_baseline_and_no_row():
    runs = [run("sum", 0, 0.5, 0.8), run("single:eq", 0, 0.4, 0.1), run("single:clinical", 0, 0.1, 1.0)]
    (row,) = summarise(runs)
    # eq: 0.5 over 0.4 is 25% better; clinical: 0.8 under 1.0 is 20% worse
    assert row["over_single"][0] == pytest.approx((-25 + 20) / 2)
    assert "-2.50" in ablation_markdown([row]) or "-2.50" in ablation_markdown(summarise(runs))


def test_what_a_run_of_its_own_did_not_learn_is_no_baseline():
    runs = [run("sum", 0, 0.5, 0.8), run("single:eq", 0, -0.01, 0.1), run("single:clinical", 0, 0.1, 1.0)]
    (row,) = summarise(runs)
    assert row["over_single"][0] == pytest.approx(20)  # clinical alone: 0.8 under 1.0
    assert summarise(runs[:2])[0]["over_single"] is None


class Study:
    """Counts what is really run."""

    def __init__(self):
        self.ran = []

    def run(self, settings, seed, parts, only, curve_every):
        self.ran.append((dict(settings), seed, only))
        found = run("", seed, 0.5, 0.5) | {"settings": dict(settings)}
        return {name: value for name, value in found.items() if name != "strategy"}


def test_runs_that_are_kept_are_not_run_again(tmp_path):
    file, chosen = tmp_path / "runs.jsonl", {"sum": {}, "single:eq": {"objective_weights": {"eq": 1.0}}}
    first = Study()
    assert [r["strategy"] for r in ablate(first, chosen, [0], file)] == ["sum", "single:eq"]
    assert first.ran == [({}, 0, None), ({"objective_weights": {"eq": 1.0}}, 0, "eq")]
    with file.open("a") as out:
        out.write('{"strategy": "sum", "se')  # a kill in the middle of a line
    second = Study()
    runs = ablate(second, chosen | {"x": {"weighting": "upgrad"}}, [0, 1], file)
    assert len(runs) == 6 and len(second.ran) == 4
    assert {(r["strategy"], r["seed"]) for r in runs} == {(n, s) for n in ("sum", "single:eq", "x") for s in (0, 1)}
    third = Study()
    assert ablate(third, chosen | {"x": {"weighting": "upgrad"}}, [0, 1], file) == runs and not third.ran
    lines = [line for line in file.read_text().splitlines() if line.endswith("}")]
    assert len([json.loads(line) for line in lines]) == 6
