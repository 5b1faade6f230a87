"""What a study leaves behind: the winner's files, the comparison, the figures."""

import json

import optuna
import pytest
import yaml

from pixel.benchmarks.tuning.best import best_trial, default_trial, write_config, write_settings
from pixel.benchmarks.tuning.comparison import compare, comparison_markdown, paired
from pixel.benchmarks.tuning.plots import importances, write_figures
from pixel.benchmarks.tuning.report import figures_of
from pixel.training.arguments import SettingError
from tests.benchmarks.tuning.parts import frozen_study


def made(*values: tuple[float, ...], **more):
    """A study with these values; trial 0 is the default. `x` decides, `y` is noise."""
    study = optuna.create_study(directions=["maximize"] * len(values[0]), study_name="made <one>")
    bounds = {name: optuna.distributions.FloatDistribution(0, 1) for name in "xy"}
    for number, value in enumerate(values):
        attrs = {"scores": {"eq": value[0]}, "settings": {"learning_rate": 0.1 * number}} | more
        attrs |= {"default": True} if number == 0 else {}
        params = {"x": min(max(value[0], 0.0), 1.0), "y": (number * 0.37) % 1}
        study.add_trial(optuna.create_trial(values=list(value), params=params, distributions=bounds, user_attrs=attrs))
    return study


def test_the_best_of_one_objective_is_the_highest_and_of_several_the_highest_mean():
    assert best_trial(made((0.1,), (0.5,), (0.3,))).number == 1
    assert best_trial(made((0.1, 0.1), (0.9, 0.0), (0.0, 0.8), (0.5, 0.6))).number == 3
    assert default_trial(made((0.1,), (0.5,))).number == 0


def test_a_study_without_a_complete_trial_says_what_to_do():
    with pytest.raises(SettingError, match="more --trials"):
        best_trial(optuna.create_study())


def test_the_written_config_is_the_studys_with_the_winners_settings(tmp_path):
    config = {"corpora": ["seed"], "learning_rate": 1e-3, "data_root": "secret", "output_dir": "outputs/here"}
    settings = {"learning_rate": 4.321e-5, "objective_weights": {"eq": 1 / 3}}
    file = write_config(tmp_path / "a" / "best.yaml", config, settings, "two\nlines")
    assert file.read_text().startswith("# two\n# lines\n") and "secret" not in file.read_text()
    assert yaml.safe_load(file.read_text()) == {
        "corpora": ["seed"],
        "learning_rate": 4.321e-5,
        "output_dir": "outputs/here_tuned",
        "objective_weights": {"eq": 0.333333},
    }
    alone = yaml.safe_load(write_settings(tmp_path / "tuned.yaml", settings, "note").read_text())
    assert alone.keys() == settings.keys()


def test_a_difference_is_paired_by_seed():
    found = paired([0.1, 0.2, 0.3], [0.2, 0.3, 0.4])
    assert found["difference"] == pytest.approx(0.1)
    assert found["low"] == pytest.approx(0.1) and found["high"] == pytest.approx(0.1)  # the same in every pair
    found = paired([0.0, 0.0], [0.0, 0.2])
    assert found["high"] - found["low"] == pytest.approx(2 * 12.7062 * 0.1, rel=1e-4)  # t(.975, 1) times the s.e.
    assert paired([0.1], [0.3])["low"] is None


def test_winner_and_defaults_are_compared_on_the_half_that_chose_nothing(tmp_path):
    frozen, file = frozen_study(), tmp_path / "runs.jsonl"
    found = compare(frozen, {"learning_rate": 0.05, "head_dropout": 0.0}, [5, 6], file, {"max_steps": 3})
    runs = [json.loads(line) for line in file.read_text().splitlines()]
    assert {(run["strategy"], run["seed"]) for run in runs} == {("sum", 5), ("sum", 6), ("tuned", 5), ("tuned", 6)}
    assert all("test" in run and "tune" not in run for run in runs)
    assert [row["objective"] for row in found["rows"]][0] == "mean" and len(found["rows"]) == 5
    mean, *objectives = found["rows"]
    assert mean["tuned"] == pytest.approx(sum(row["tuned"] for row in objectives) / 4)
    assert mean["difference"] == pytest.approx(mean["tuned"] - mean["default"])
    assert compare(frozen, {"learning_rate": 0.05, "head_dropout": 0.0}, [5, 6], file, {"max_steps": 3}) == found
    assert len(file.read_text().splitlines()) == 4  # nothing was trained twice
    assert comparison_markdown(found).count("\n") == 7


def test_the_parameter_that_decides_is_the_important_one():
    study = made(*[(i / 20,) for i in range(20)])
    shares = importances(study, study.trials)
    assert list(shares) == ["x", "y"] and shares["x"] > 0.7
    assert importances(study, study.trials[:3]) == {}


@pytest.mark.parametrize("objectives", [1, 3])
def test_the_figures_stand_in_one_file_that_needs_nothing_else(tmp_path, objectives):
    pytest.importorskip("matplotlib")
    names = ["eq", "persona", "clinical"][:objectives] if objectives > 1 else None
    study = made(*[tuple((i * k % 7) / 7 for k in range(1, objectives + 1)) for i in range(8)])
    page = write_figures(study, tmp_path / "figures.html", names).read_text()
    assert page.count("<svg") == {1: 2, 3: 3 + 3 + 3}[objectives]  # history, importance, and a front for each pair
    assert "made &lt;one&gt;" in page and "<script" not in page
    assert 'href="http' not in page.replace('xlink:href="#', "") and "src=" not in page


def test_the_record_of_a_study_is_json_and_names_the_front():
    study = made((0.1, 0.1), (0.9, 0.0), (0.0, 0.8), (0.5, 0.6))
    found = json.loads(json.dumps(figures_of(study, study.trials[3], study.trials[0], ["eq", "empathy"])))
    assert [trial["number"] for trial in found["front"]] == [1, 2, 3]
    assert found["counts"]["finished"] == 4
    assert "trial 3 has 0.5000, 0.6000, the defaults 0.1000, 0.1000" in found["summary"]
    assert "No trial was better" in figures_of(study, study.trials[0], study.trials[0], ["a", "b"])["summary"]
