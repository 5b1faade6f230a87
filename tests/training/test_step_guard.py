"""A step whose gradient is not finite never reaches the parameters."""

import json
import math
import time

import pytest
import torch

from pixel.monitoring.alerts import Alerts
from pixel.training.arguments import SettingError
from pixel.training.bad_steps import BadSteps
from pixel.training.step_guard import NonFiniteStep, fingerprint
from tests.training.parts import arguments, parameters, tiny_network, trainer_for

ADAM = {"optim": "adamw_torch", "weight_decay": 0.1, "learning_rate": 1e-2, "lr_scheduler_type": "linear"}


def broken_at(trainer, *steps: int, micro_batch: int = 0, value: float = math.nan):
    """Multiplies the loss of one micro-batch of these optimizer steps; keeps copies of the parameters after each."""
    compute, seen, after = trainer.compute_loss, [], []

    def loss(model, inputs, *args, **kwargs):
        found, step = compute(model, inputs, *args, **kwargs), trainer.state.global_step + 1
        seen.append(step)
        return found * value if step in steps and seen.count(step) - 1 == micro_batch else found

    end = trainer.end_of_step
    trainer.compute_loss = loss
    trainer.end_of_step = lambda: (end(), after.append(parameters(trainer)))[0]
    return after


def run(folder, **options):
    given = {"per_device_train_batch_size": 4, "max_steps": 4, "non_finite": "skip", "max_grad_norm": 1.0} | ADAM
    return trainer_for(folder, **(given | options))


def moments(trainer) -> dict:
    return {key: {name: x.clone() for name, x in state.items()} for key, state in trainer.optimizer.state.items()}


def same(one: dict, other: dict) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("clip", [0.0, 1.0])
def test_a_step_left_out_changes_no_bit_of_the_parameters_and_the_run_goes_on(tmp_path, value, clip):
    trainer = run(tmp_path, max_grad_norm=clip)
    after = broken_at(trainer, 2, value=value)
    trainer.train()
    assert same(after[0], after[1])
    assert not same(after[1], after[2]) and all(x.isfinite().all() for x in after[3].values())
    assert trainer.state.global_step == 4
    assert [entry["steps_left_out"] for entry in trainer.state.log_history if "steps_left_out" in entry] == [1]
    # the schedule goes on: with a linear decay over four steps the third is taken at half the rate
    assert [e["learning_rate"] for e in trainer.state.log_history if "learning_rate" in e][2] == pytest.approx(0.5e-2)
    assert [alert.kind for alert in trainer.alerts.sent] == ["step_left_out"]


def test_moments_and_their_count_do_not_decay_in_a_step_left_out(tmp_path):
    trainer = run(tmp_path)
    broken_at(trainer, 3)
    kept, end = [], trainer.end_of_step
    trainer.end_of_step = lambda: (end(), kept.append(moments(trainer)))[0]
    trainer.train()
    for key, state in kept[1].items():
        assert same(state, kept[2][key]) and float(kept[2][key]["step"]) == 2.0


def test_one_lost_micro_batch_takes_the_whole_step_with_it(tmp_path):
    trainer = run(tmp_path, per_device_train_batch_size=2, gradient_accumulation_steps=3, max_steps=3)
    after = broken_at(trainer, 2, micro_batch=1)
    trainer.train()
    assert same(after[0], after[1]) and not same(after[1], after[2])


def test_the_loss_logged_is_that_of_the_steps_taken(tmp_path):
    trainer = run(tmp_path, logging_steps=2)
    broken_at(trainer, 2)
    trainer.train()
    whole = run(tmp_path / "whole", max_steps=1)
    whole.train()
    first, second = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert first == pytest.approx(next(e["loss"] for e in whole.state.log_history if "loss" in e), rel=1e-6)
    assert math.isfinite(second)


def test_the_first_time_the_run_stops_before_the_parameters_change(tmp_path):
    trainer = run(tmp_path, non_finite="stop")
    after = broken_at(trainer, 3)
    with pytest.raises(NonFiniteStep, match="step 3.*Mend"):
        trainer.train()
    assert len(after) == 2 and same(parameters(trainer), after[1])
    noted = json.loads((tmp_path / "bad_steps.json").read_text())["steps"]
    assert [(entry["step"], entry["times"], entry["left_out"]) for entry in noted] == [(3, 1, False)]
    assert [alert.kind for alert in trainer.alerts.sent] == ["non_finite_step"]


def test_the_second_time_with_the_same_data_the_step_is_left_out(tmp_path):
    first = run(tmp_path, non_finite="stop")
    broken_at(first, 3)
    with pytest.raises(NonFiniteStep):
        first.train()
    second = run(tmp_path, non_finite="stop")
    broken_at(second, 3)
    second.train()
    skipped = run(tmp_path / "skip")
    broken_at(skipped, 3)
    skipped.train()
    assert same(parameters(second), parameters(skipped))
    assert json.loads((tmp_path / "bad_steps.json").read_text())["steps"][0]["times"] == 2


def test_what_went_wrong_once_and_not_again_leaves_no_trace_in_the_run(tmp_path):
    first = run(tmp_path, non_finite="stop")
    broken_at(first, 3)
    with pytest.raises(NonFiniteStep):
        first.train()
    second = run(tmp_path, non_finite="stop")
    second.train()
    whole = run(tmp_path / "whole", non_finite="stop")
    whole.train()
    assert same(parameters(second), parameters(whole))


def test_a_list_that_cannot_be_written_is_said_and_the_run_still_stops_as_it_should(tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(BadSteps, "note", full)
    trainer = run(tmp_path, non_finite="stop")
    broken_at(trainer, 2)
    with pytest.raises(NonFiniteStep):
        trainer.train()
    assert [alert.kind for alert in trainer.alerts.sent] == ["bad_steps_lost", "non_finite_step"]


def test_the_same_step_with_other_data_stops_again(tmp_path):
    noted = BadSteps(tmp_path / "bad_steps.json")
    noted.note(3, 12345, math.nan, False)
    trainer = run(tmp_path, non_finite="stop")
    broken_at(trainer, 3)
    with pytest.raises(NonFiniteStep):
        trainer.train()
    assert len(BadSteps(tmp_path / "bad_steps.json").steps) == 2


def test_ignore_lets_it_through(tmp_path):
    trainer = run(tmp_path, non_finite="ignore")
    broken_at(trainer, 2)
    trainer.train()
    assert not all(x.isfinite().all() for x in parameters(trainer).values())


def test_a_healthy_run_is_the_same_with_and_without_the_guard(tmp_path):
    guarded = run(tmp_path / "a", non_finite="stop")
    plain = run(tmp_path / "b", non_finite="ignore")
    guarded.train()
    plain.train()
    assert same(parameters(guarded), parameters(plain))


def test_a_mode_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(SettingError, match="non_finite: there is no 'stopp'.*did you mean stop"):
        arguments(tmp_path, non_finite="stopp")


def test_a_list_that_was_cut_short_counts_as_empty_and_is_written_whole_again(tmp_path):
    file = tmp_path / "bad_steps.json"
    file.write_text('{"steps": [{"st')
    noted = BadSteps(file)
    assert noted.steps == []
    noted.note(1, 2, math.inf, True)
    assert BadSteps(file).met_before(1, 2) and not BadSteps(file).met_before(1, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["bad_steps.json"]


def test_batches_are_known_again_by_their_content():
    batch = {"input_ids": torch.arange(6).reshape(2, 3), "labels": torch.ones(2, dtype=torch.bfloat16), "n": 3}
    other = batch | {"input_ids": torch.arange(6).reshape(2, 3).flip(0)}
    assert fingerprint([batch]) == fingerprint([{name: batch[name] for name in reversed(batch)}])
    assert len({fingerprint(x) for x in ([batch], [other], [batch, other], [other, batch], [])}) == 5


class _Hanging:
    def __init__(self, collate):
        self.collate, self.calls = collate, 0

    def __call__(self, rows):
        self.calls += 1  # in the worker's own copy
        if self.calls == 2:
            time.sleep(600)
        return self.collate(rows)


def test_a_data_worker_that_hangs_ends_the_run_with_an_error(tmp_path):
    trainer = trainer_for(
        tmp_path, per_device_train_batch_size=4, max_steps=4, dataloader_num_workers=1, data_timeout=2.0
    )
    trainer.data_collator = _Hanging(trainer.data_collator)
    started = time.monotonic()
    with pytest.raises(RuntimeError, match="timed out after 2"):
        trainer.train()
    assert time.monotonic() - started < 60


def test_without_workers_there_is_no_time_limit(tmp_path):
    trainer = trainer_for(tmp_path, network=tiny_network(), data_timeout=2.0)
    assert trainer.get_train_dataloader().timeout == 0 and isinstance(trainer.alerts, Alerts)
