"""The simulation plants what it says; the comparison finds it and is quiet otherwise."""

import numpy as np
import pytest

from pixel.benchmarks.comparison_power import BASE, TASKS, comparison_power, power_markdown, simulated_pair


def test_the_planted_rise_in_accuracy_is_the_one_asked_for():
    generator = np.random.default_rng(0)
    before, after = simulated_pair(generator, [40_000] * 2, [4] * 2, [0.1, 0.1])
    key = ("task 00", "score")
    assert before.rows[key]["value"] == pytest.approx(BASE, abs=0.01)
    assert after.rows[key]["value"] == pytest.approx(BASE + 0.1, abs=0.01)


def test_the_two_versions_agree_on_items_more_than_chance():
    before, after = simulated_pair(np.random.default_rng(0), [20_000], [1], [0.0])
    ((_, ours),), ((_, theirs),) = before.items.items(), after.items.items()
    values = np.array([[ours[item][0], theirs[item][0]] for item in ours])
    # the latent variables correlate .65; by Sheppard's formula at the median two signs agree in
    # 1 - arccos(.65) / pi = .725 of the cases, slightly more at .6
    assert (values[:, 0] == values[:, 1]).mean() == pytest.approx(0.73, abs=0.015)


def test_a_large_change_is_found_and_nothing_is_made_up():
    pytest.importorskip("ruptures")
    result = comparison_power(pairs=3, sizes=(300,), effects=(0.25,), nulls=3, rounds=20)
    (row,) = result["power"]
    assert row["improved"]["rate"] == row["regressed"]["rate"] == 1.0 and row["wrong way"]["rate"] == 0.0
    assert result["nulls"]["covered"]["n"] == 3 * TASKS and result["nulls"]["covered"]["rate"] > 0.8
    assert "300 | 75 | 25%" in power_markdown(result)


def test_the_same_seed_gives_the_same_table():
    pytest.importorskip("ruptures")
    settings = {"pairs": 2, "sizes": (60,), "effects": (0.1,), "nulls": 2, "rounds": 4}
    assert comparison_power(**settings) == comparison_power(**settings)
