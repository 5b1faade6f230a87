"""The watch inside real training runs of the tiny network, and on made-up logs."""

import json

import pytest
import torch
from transformers import TrainerCallback, TrainerControl, TrainerState

from pixel.monitoring.alerts import Alerts
from pixel.training.callbacks.anomaly_watch import AnomalyWatch, components_by_objective
from tests.training.parts import trainer_for


def log(watch, step: int, main: bool = True, **logs) -> TrainerControl:
    state = TrainerState(global_step=step, is_world_process_zero=main)
    control = TrainerControl()
    watch.on_log(None, state, control, logs=logs)
    return control


def test_every_loss_component_belongs_to_an_objective():
    components = components_by_objective()
    assert components["language"] == ["language"] and "risk" in components["clinical"]
    assert len(components) == 5


def test_an_error_stops_the_run_only_if_asked():
    assert not log(AnomalyWatch(), 1, loss=float("nan")).should_training_stop
    assert log(AnomalyWatch(stop_on_error=True), 1, loss=float("nan")).should_training_stop
    assert not log(AnomalyWatch(stop_on_error=True), 1, loss=1.0).should_training_stop
    assert log(AnomalyWatch(stop_on=["not_finite"]), 1, loss=float("nan")).should_training_stop


def test_every_rank_stops_and_one_speaks():
    alerts = Alerts()
    assert log(AnomalyWatch(alerts, stop_on_error=True), 1, main=False, loss=float("nan")).should_training_stop
    assert alerts.sent == []


def test_evaluations_are_not_taken_for_training_logs():
    alerts = Alerts()
    log(AnomalyWatch(alerts), 1, eval_loss=float("nan"))
    assert alerts.sent == []


def test_detectors_are_set_and_left_out_by_name():
    watch = AnomalyWatch(detectors={"plateau": False, "loss_spike": {"z": 20}})
    assert "plateau" not in watch.detectors and watch.detectors["loss_spike"].z == 20
    with pytest.raises(ValueError, match="no detector"):
        AnomalyWatch(detectors={"typo": False})


def test_its_memory_goes_through_json():
    watch, alerts = AnomalyWatch(), Alerts()
    for step in range(1, 26):
        log(watch, step, loss=2.0, grad_norm=1.0)
    stored = json.loads(json.dumps(watch.state()))
    again = AnomalyWatch(alerts, **stored["args"])
    for name, value in stored["attributes"].items():
        setattr(again, name, value)
    log(again, 26, loss=50.0, grad_norm=1.0)
    assert [alert.kind for alert in alerts.sent] == ["loss_spike"]


class SetRate(TrainerCallback):
    """Something that sets the optimizer's rate behind the schedule's back."""

    def on_step_begin(self, args, state, control, optimizer=None, **kwargs):
        if state.global_step == 2:
            for group in optimizer.param_groups:
                group["lr"] = 1e-2


def test_a_rate_set_behind_the_schedules_back_is_seen(tmp_path):
    alerts = Alerts()
    trainer = trainer_for(tmp_path, max_steps=4, learning_rate=1e-4, per_device_train_batch_size=4)
    trainer.add_callback(SetRate())
    trainer.add_callback(AnomalyWatch(alerts))
    trainer.train()
    assert [(alert.kind, alert.step) for alert in alerts.sent] == [("learning_rate_jump", 3)]
    assert "applied_learning_rate/0 is 0.01, 100.0 times" in alerts.sent[0].message


def test_a_nan_in_a_head_is_named_and_ends_the_run(tmp_path):
    alerts = Alerts()
    options = {"logging_nan_inf_filter": False, "per_device_train_batch_size": 4, "non_finite": "ignore"}
    trainer = trainer_for(tmp_path, max_steps=6, **options)

    class Spoil(TrainerCallback):
        def on_step_begin(self, args, state, control, **kwargs):
            if state.global_step == 2:
                with torch.no_grad():
                    next(trainer.pixel.heads["risk"].parameters()).fill_(torch.nan)

    trainer.add_callback(Spoil())
    trainer.add_callback(AnomalyWatch(alerts, stop_on_error=True))
    trainer.train()
    assert trainer.state.global_step == 3
    (alert,) = [alert for alert in alerts.sent if alert.kind == "not_finite"]
    assert alert.step == 3 and alert.message.startswith("loss_risk, grad_norm, loss are not finite")
