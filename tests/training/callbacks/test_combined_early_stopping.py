"""Stopping on all objectives at once."""

import json

import pytest
from transformers import TrainerControl, TrainerState

from pixel.monitoring.alerts import Alerts
from pixel.training import PixelTrainer
from pixel.training.callbacks.combined_early_stopping import CombinedEarlyStopping
from pixel.training.callbacks.held_out import held_out_losses
from tests.training.parts import arguments, tiny_data, tiny_network


def evaluate(callback, step: int, **metrics) -> bool:
    control = TrainerControl()
    callback.on_evaluate(None, TrainerState(global_step=step), control, metrics=metrics)
    return control.should_training_stop


def test_an_objectives_loss_is_that_of_its_fields_as_in_training():
    metrics = {"eval_loss": 9.0, "eval_loss_risk": 1.0, "eval_loss_safety": 2.0, "eval_loss_language": 3.0}
    assert held_out_losses(metrics, {"safety": 0.5}) == {"clinical": 2.0, "language": 3.0}
    assert held_out_losses({"eval_other_loss_vad": 1.0}, prefix="eval_other_") == {"eq": 1.0}


def test_the_score_is_the_mean_relative_change_whatever_the_scales():
    callback = CombinedEarlyStopping()
    assert callback.score({"eval_loss_language": 4.0, "eval_loss_vad": 0.01}) == 0.0
    assert callback.score({"eval_loss_language": 3.0, "eval_loss_vad": 0.015}) == pytest.approx((-0.25 + 0.5) / 2)


def test_weights_choose_and_a_negative_one_wants_more():
    callback = CombinedEarlyStopping({"language": 3.0, "eval_accuracy": -1.0})
    callback.score({"eval_loss_language": 2.0, "eval_accuracy": 0.5, "eval_loss_vad": 1.0})
    score = callback.score({"eval_loss_language": 1.0, "eval_accuracy": 0.75, "eval_loss_vad": 9.0})
    assert score == pytest.approx((3 * -0.5 - 1 * 0.5) / 4)


def test_it_stops_when_gains_no_longer_outweigh_losses():
    alerts = Alerts()
    callback = CombinedEarlyStopping(patience=2, alerts=alerts)
    rows = [(2.0, 1.0), (1.5, 1.0), (1.0, 1.6), (0.9, 1.7)]  # language falls, vad rises
    stops = [evaluate(callback, n, eval_loss_language=a, eval_loss_vad=b) for n, (a, b) in enumerate(rows)]
    assert stops == [False, False, False, True]
    (alert,) = alerts.sent
    assert alert.kind == "early_stop" and "-12.5% at step 1" in alert.message


def test_a_gain_below_min_delta_is_none():
    small = [1.0, 0.995, 0.991, 0.985]
    callback = CombinedEarlyStopping(patience=2, min_delta=0.01)
    assert [evaluate(callback, n, eval_loss_vad=loss) for n, loss in enumerate(small)] == [False, False, True, False]


def test_nan_is_never_the_best():
    callback = CombinedEarlyStopping(patience=3)
    stops = [evaluate(callback, n, eval_loss_vad=loss) for n, loss in enumerate([1.0, *[float("nan")] * 3])]
    assert stops == [False, False, False, True]


def test_it_goes_on_where_it_was_cut():
    rows = [1.0, 0.9, 0.95, 0.96, 0.97]
    callback = CombinedEarlyStopping(patience=3)
    for n, loss in enumerate(rows[:3]):
        evaluate(callback, n, eval_loss_vad=loss)
    stored = json.loads(json.dumps(callback.state()))
    again = CombinedEarlyStopping.from_state(stored)
    assert [evaluate(again, n, eval_loss_vad=rows[n]) for n in (3, 4)] == [False, True]
    assert again.history[0] == {"step": 0, "score": 0.0}


def test_options_that_make_no_sense_are_named():
    for wrong in ({"patience": 0}, {"min_delta": -1}, {"weights": {"eq": 0}}):
        with pytest.raises(ValueError):
            CombinedEarlyStopping(**wrong)


def test_a_real_run_ends_early(tmp_path):
    tokenizer, network = tiny_network()
    often = {"eval_strategy": "steps", "eval_steps": 1, "per_device_eval_batch_size": 16}
    args = arguments(tmp_path, max_steps=8, learning_rate=0.0, **often)
    callback = CombinedEarlyStopping(patience=2)
    trainer = PixelTrainer(
        network, args, tiny_data(), tiny_data(), processing_class=tokenizer, callbacks=[callback]
    )  # fmt: skip
    trainer.train()
    assert trainer.state.global_step == 3  # the first is the measure, two are no better
