"""One trial on a frozen study: watched without being changed, pruned, and caught when it diverges."""

import math

import optuna
import pytest
import torch

from pixel.benchmarks.frozen_study import mean_score
from pixel.benchmarks.tuning.objective import WORST, Objective, measured_objectives
from pixel.benchmarks.tuning.space import Space
from pixel.training.turn_trainer import TurnTrainer
from tests.benchmarks.tuning.parts import frozen_study


@pytest.fixture(scope="module")
def frozen():
    return frozen_study()


@pytest.fixture
def space(frozen):
    return Space(frozen.settings, frozen.network.config.head_dropout)


class Prune(optuna.pruners.BasePruner):
    """Gives up every trial that has reported."""

    def prune(self, study, trial) -> bool:
        return bool(trial.intermediate_values)


def run(objective, space, default: bool = False, **options):
    study = optuna.create_study(direction="maximize", **options)
    study.enqueue_trial(space.defaults(), user_attrs={"default": True} if default else {})
    study.optimize(objective, n_trials=1)
    return study.trials[0]


def test_a_watched_trial_scores_as_an_unwatched_one(frozen, space):
    alone = mean_score(frozen.run({}, seed=3, parts=("tune",))["tune"])
    watched = run(Objective([frozen], space, seed=3, every=1), space)
    assert watched.value == alone
    assert sorted(watched.intermediate_values) == [1, 2, 3]  # not after the last of four steps: that is the value


def test_the_trial_keeps_its_settings_and_the_scores_of_the_objectives(frozen, space):
    trial = run(Objective([frozen], space, worker="me"), space)
    assert trial.user_attrs["settings"]["learning_rate"] == 1e-2
    assert trial.user_attrs["worker"] == "me"
    scores = trial.user_attrs["scores"]
    assert set(scores) == {"eq", "persona", "clinical", "empathy"}
    assert sum(scores.values()) / 4 == pytest.approx(trial.value)


def test_a_pruned_trial_stops_at_once_and_is_no_failure(frozen, space):
    trial = run(Objective([frozen], space, every=2), space, pruner=Prune())
    assert trial.state.name == "PRUNED"
    assert list(trial.intermediate_values) == [2]


def test_the_default_settings_are_never_pruned(frozen, space):
    trial = run(Objective([frozen], space, every=2), space, default=True, pruner=Prune())
    assert trial.state.name == "COMPLETE"


def test_the_half_for_reporting_is_never_looked_at(frozen, space, monkeypatch):
    seen = []
    measure = type(frozen).measure
    monkeypatch.setattr(type(frozen), "measure", lambda self, t, part: seen.append(part) or measure(self, t, part))
    run(Objective([frozen], space, every=1), space)
    assert set(seen) == {"tune"}


@pytest.mark.parametrize("names", [None, ["eq", "empathy"]])
def test_a_diverged_training_gets_the_worst_score(frozen, space, monkeypatch, names):
    loss = TurnTrainer.compute_loss
    monkeypatch.setattr(TurnTrainer, "compute_loss", lambda *a, **k: loss(*a, **k) * math.nan)
    directions = {"directions": ["maximize"] * 2} if names else {"direction": "maximize"}
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0), **directions)
    study.optimize(Objective([frozen], space, names=names), n_trials=1)
    assert study.trials[0].values == [WORST] * (2 if names else 1)
    assert "not finite" in study.trials[0].user_attrs["diverged"]


def test_dropout_reaches_the_heads_and_the_network_keeps_its_own(frozen, tmp_path):
    trainer = frozen.trainer({"head_dropout": 0.4}, 0, str(tmp_path))
    rates = {module.p for module in trainer.model.modules() if isinstance(module, torch.nn.Dropout)}
    assert rates == {0.4}
    assert frozen.network.config.head_dropout == 0.1


def test_a_study_of_several_objectives_has_a_value_for_each(frozen, space):
    names = measured_objectives(frozen)
    assert names == ["eq", "persona", "clinical", "empathy"]
    study = optuna.create_study(directions=["maximize"] * 4, sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(Objective([frozen], space, every=1, names=names), n_trials=1)
    (trial,) = study.trials
    assert trial.values == [trial.user_attrs["scores"][name] for name in names]
    assert not trial.intermediate_values  # nothing can be pruned on several objectives


def test_a_trial_over_folds_is_the_mean_of_its_trainings(frozen, space):
    alone = [mean_score(frozen.run({}, seed=seed, parts=("tune",))["tune"]) for seed in (3, 4)]
    trial = run(Objective([frozen, frozen], space, seed=3), space)
    assert trial.value == pytest.approx(sum(alone) / 2)
    assert trial.intermediate_values == {1: pytest.approx(alone[0])}


def test_a_trial_that_is_behind_after_a_fold_trains_no_other(frozen, space):
    trial = run(Objective([frozen, frozen], space), space, pruner=Prune())
    assert trial.state.name == "PRUNED" and list(trial.intermediate_values) == [1]
