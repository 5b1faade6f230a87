"""What trials choose from, and that the defaults are among it."""

import optuna
import pytest

from pixel.benchmarks.tuning.space import PARTS, Space
from pixel.training.arguments import SettingError

CONFIG = {"learning_rate": 1e-3, "field_weights": {"emotion": 0.2, "dsm": 0.1}, "objective_weights": {"eq": 2.0}}


def trials(space: Space, count: int) -> list[tuple[dict, dict]]:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    asked = [study.ask() for _ in range(count)]
    settings = [space.suggest(trial) for trial in asked]
    return [(trial.params, found) for trial, found in zip(asked, settings, strict=True)]


def test_the_default_parameters_give_back_the_config():
    space = Space(CONFIG, head_dropout=0.2)
    study = optuna.create_study()
    study.enqueue_trial(space.defaults())
    found = space.suggest(study.ask())
    assert found == {
        "objective_weights": {"language": 1.0, "eq": 2.0, "persona": 1.0, "clinical": 1.0, "empathy": 1.0},
        "field_weights": {"emotion": 0.2, "dsm": 0.1},
        "loss_schedule": "fixed",
        "loss_schedule_options": {},
        "weighting": "sum",
        "learning_rate": 1e-3,
        "head_dropout": 0.2,
    }


def test_a_schedule_that_the_config_names_keeps_its_own_options_and_main_option():
    config = {"loss_schedule": "dwa", "loss_schedule_options": {"temperature": 20.0, "window": 7}}
    space = Space(config, parts=["schedule"], schedules=["dwa", "famo"])
    assert space.defaults() == {"schedule": "dwa", "dwa_temperature": 20.0}
    for params, found in trials(space, 20):
        assert set(found["loss_schedule_options"]) == (
            {"temperature", "window"} if params["schedule"] == "dwa" else {"learning_rate"}
        )
        assert 0.5 <= params.get("dwa_temperature", 1.0) <= 20.0  # the bounds reach to the config's


def test_the_language_weight_stays_and_the_others_are_drawn_evenly_on_a_log_scale():
    drawn = [found["objective_weights"] for _, found in trials(Space(CONFIG, parts=["weights"]), 300)]
    assert {weights["language"] for weights in drawn} == {1.0}
    assert all(0.25 <= weights["eq"] <= 16.0 for weights in drawn)  # an eighth to eight times the config's 2
    below = sum(weights["persona"] < 1.0 for weights in drawn)
    assert 120 < below < 180  # half of them under the geometric middle


def test_an_objective_that_is_off_stays_off():
    space = Space({"objective_weights": {"persona": 0.0}}, parts=["weights"])
    assert "weight_persona" not in space.defaults()
    assert trials(space, 1)[0][1]["objective_weights"]["persona"] == 0.0


def test_field_weights_are_scaled_together():
    for params, found in trials(Space(CONFIG, parts=["field_weights"]), 5):
        weights = found["field_weights"]
        assert weights["emotion"] == pytest.approx(0.2 * params["field_scale"])
        assert weights["emotion"] / weights["dsm"] == pytest.approx(2.0)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_not_named_is_left_alone(part):
    setting = {"weights": "objective_weights", "schedule": "loss_schedule", "dropout": "head_dropout"}.get(part, part)
    (_, found), *_ = trials(Space(CONFIG, parts=[part]), 1)
    assert set(found) - {"loss_schedule_options"} == {setting}


def test_every_suggestion_is_one_that_the_training_arguments_take(tmp_path):
    from pixel.training.training_arguments import PixelTrainingArguments

    for _, found in trials(Space(CONFIG), 30):
        found.pop("head_dropout")
        PixelTrainingArguments(output_dir=str(tmp_path), **found)


@pytest.mark.parametrize("wrong", [{"parts": ["weight"]}, {"schedules": ["dwaa"]}, {"weightings": ["mgdaa"]}])
def test_a_name_that_does_not_exist_is_told_with_its_neighbour(wrong):
    with pytest.raises(SettingError, match="did you mean"):
        Space(CONFIG, **wrong)


def test_a_weighting_that_is_not_installed_is_not_drawn_but_may_be_asked_for(monkeypatch):
    def missing(name: str):
        raise ImportError("not here")

    monkeypatch.setattr("pixel.balancing.weighting._torchjd", missing)
    assert set(Space(CONFIG, parts=["weighting"]).weighting.choices) == {"sum", "unitnorm", "metabalance"}
    assert "mgda" in Space(CONFIG, parts=["weighting"], weightings=["mgda"]).weighting.choices
