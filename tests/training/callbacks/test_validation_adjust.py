"""What a stalled evaluation does to rates and weights."""

import json
from types import SimpleNamespace

import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR
from transformers import TrainerControl, TrainerState

from pixel.monitoring.alerts import Alerts
from pixel.training.callbacks.validation_adjust import ValidationAdjust


def two_groups(schedule=lambda step: 1.0 / (1 + step)):
    trunk, heads = torch.nn.Parameter(torch.ones(1)), torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([{"params": [trunk], "lr": 1.0}, {"params": [heads], "lr": 8.0}])
    return optimizer, LambdaLR(optimizer, schedule)


def evaluate(callback, step: int, optimizer, scheduler, **losses) -> None:
    metrics = {f"eval_loss_{name}": loss for name, loss in losses.items()}
    given = {"optimizer": optimizer, "lr_scheduler": scheduler}
    callback.on_evaluate(None, TrainerState(global_step=step), TrainerControl(), metrics=metrics, **given)


def rates(optimizer) -> list[float]:
    return [group["lr"] for group in optimizer.param_groups]


def test_rates_fall_when_all_objectives_have_stalled_and_the_schedule_goes_on_below():
    optimizer, scheduler = two_groups()
    alerts = Alerts()
    callback = ValidationAdjust(factor=0.5, patience=2, alerts=alerts)
    for step in range(1, 4):
        evaluate(callback, step, optimizer, scheduler, vad=1.0, risk=2.0)
    assert rates(optimizer) == [0.5, 4.0] and scheduler.get_last_lr() == [0.5, 4.0]
    optimizer.step()
    scheduler.step()
    assert rates(optimizer) == [0.25, 2.0]  # half the base, over 1 + 1 steps
    (alert,) = alerts.sent
    assert alert.kind == "learning_rate_lowered" and "group 1 from 8 to 4" in alert.message


def test_one_objective_that_still_improves_keeps_the_rates():
    optimizer, scheduler = two_groups()
    callback = ValidationAdjust(patience=2)
    for step in range(1, 8):
        evaluate(callback, step, optimizer, scheduler, vad=1.0, risk=2.0 - 0.1 * step)
    assert rates(optimizer) == [1.0, 8.0]


def test_after_a_change_it_rests_and_counts_anew():
    optimizer, scheduler = two_groups()
    callback = ValidationAdjust(factor=0.5, patience=2, cooldown=1)
    seen = []
    for step in range(1, 8):
        evaluate(callback, step, optimizer, scheduler, vad=1.0)
        seen.append(rates(optimizer)[0])
    assert seen == [1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25]  # two stalls; one rest, two stalls


def test_each_group_has_its_factor_and_none_goes_below_the_least():
    optimizer, scheduler = two_groups()
    callback = ValidationAdjust(factor=[1.0, 0.1], patience=1, min_rate=2.0, cooldown=0)
    for step in (1, 2, 3):
        evaluate(callback, step, optimizer, scheduler, vad=1.0)
    assert rates(optimizer) == [1.0, 2.0]
    with pytest.raises(ValueError, match="3 factors for 2"):
        evaluate(ValidationAdjust(factor=[0.5] * 3, patience=1), 1, optimizer, scheduler)
        late = ValidationAdjust(factor=[0.5] * 3, patience=1)
        evaluate(late, 1, optimizer, scheduler, vad=1.0)
        evaluate(late, 2, optimizer, scheduler, vad=1.0)


def test_lowered_bases_survive_the_schedulers_checkpoint():
    optimizer, scheduler = two_groups()
    callback = ValidationAdjust(patience=1)
    for step in (1, 2):
        evaluate(callback, step, optimizer, scheduler, vad=1.0)
    again, resumed = two_groups()
    again.load_state_dict(optimizer.state_dict())
    resumed.load_state_dict(scheduler.state_dict())
    for one, schedule in ((optimizer, scheduler), (again, resumed)):
        one.step()
        schedule.step()
    assert rates(again) == rates(optimizer) == [0.25, 2.0]


def test_what_the_loss_weights_do_becomes_an_alert():
    asked = []

    class Weights:
        def validate(self, losses):
            asked.append(dict(losses))
            return [SimpleNamespace(kind="objective_crisis", message="clinical has regressed; its floor rises to 1.5")]

    alerts, (optimizer, scheduler) = Alerts(), two_groups()
    callback = ValidationAdjust(Weights(), patience=0, alerts=alerts)
    evaluate(callback, 1, optimizer, scheduler, risk=1.0, safety=2.0)
    evaluate(callback, 1, optimizer, scheduler, risk=1.0, safety=2.0)  # the same step, once more
    assert asked == [{"clinical": 3.0}]
    assert [(alert.kind, alert.severity, alert.step) for alert in alerts.sent] == [("objective_crisis", "warning", 1)]


def test_it_goes_on_where_it_was_cut():
    optimizer, scheduler = two_groups()
    callback = ValidationAdjust(patience=2)
    for step in (1, 2):
        evaluate(callback, step, optimizer, scheduler, vad=1.0)
    stored = json.loads(json.dumps(callback.state()))
    again = ValidationAdjust.from_state(stored)
    evaluate(again, 3, optimizer, scheduler, vad=1.0)
    assert rates(optimizer) == [0.5, 4.0] and again.lowered == 1


def test_a_factor_that_raises_the_rate_is_refused():
    with pytest.raises(ValueError, match="factor"):
        ValidationAdjust(factor=1.5)
