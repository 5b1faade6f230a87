"""Tokens a step become rows and accumulation; a batch that does not fit is halved and the step stays the same."""

import pytest
import torch
from torch.testing import assert_close

from pixel.training.arguments import SettingError
from tests.training.parts import arguments, parameters, trainer_for


def test_training_arguments_follow_the_tokens_and_say_what_was_chosen(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("pixel.training.batch_size.processes_of", lambda arguments: 4)
    given = {"tokens_per_step": 16384, "max_length": 256, "gradient_accumulation_steps": 7, "gram_timing": "auto"}
    chosen = arguments(tmp_path, tokens_per_device=1024, **given)
    assert (chosen.per_device_train_batch_size, chosen.gradient_accumulation_steps) == (4, 4)
    assert chosen.gram_timing == "previous_step"  # more than one micro-batch, though nobody gave a number
    assert "4 rows of 256 tokens x 4 processes x 4 accumulated = 16384 tokens" in capsys.readouterr().out
    kept = arguments(tmp_path, per_device_train_batch_size=2, **given)
    assert (kept.per_device_train_batch_size, kept.gradient_accumulation_steps) == (2, 8)


def test_a_budget_without_a_number_of_tokens_is_refused(tmp_path):
    with pytest.raises(SettingError, match="set tokens_per_step as well"):
        arguments(tmp_path, tokens_per_device=1024)


def test_less_than_a_row_on_every_process_is_refused(tmp_path):
    with pytest.raises(SettingError, match="raise it to 256"):
        arguments(tmp_path, tokens_per_step=100, max_length=256)


def small_memory(trainer, rows: int):
    """Make forward passes of more rows run out of memory."""
    step, seen = trainer.training_step, []

    def limited(model, inputs, *rest):
        seen.append(len(inputs["input_ids"]))
        if seen[-1] > rows:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return step(model, inputs, *rest)

    trainer.training_step = limited
    return seen


def test_a_batch_that_does_not_fit_is_halved_and_the_step_stays_the_same(tmp_path):
    options = {"max_steps": 2, "weighting": "upgrad"}
    whole = trainer_for(tmp_path / "whole", per_device_train_batch_size=16, **options)
    whole.train()
    small = trainer_for(tmp_path / "small", per_device_train_batch_size=16, auto_find_batch_size=True, **options)
    seen = small_memory(small, 4)
    small.train()
    assert seen == [16, 8] + [4] * 8  # two steps of four micro-batches
    assert small.args.gradient_accumulation_steps == 4 and small.state.global_step == 2
    expected = parameters(whole)
    for name, value in parameters(small).items():
        assert_close(value, expected[name], atol=1e-5, rtol=1e-4, msg=lambda text, name=name: f"{name}: {text}")


def test_one_row_that_does_not_fit_is_said(tmp_path):
    trainer = trainer_for(tmp_path, per_device_train_batch_size=2, auto_find_batch_size=True)
    small_memory(trainer, 0)
    with pytest.raises(SettingError, match="lower max_length"):
        trainer.train()


def test_memory_that_runs_out_after_a_step_does_not_repeat_that_step(tmp_path):
    trainer = trainer_for(tmp_path, per_device_train_batch_size=4, max_steps=3, auto_find_batch_size=True)
    step, calls = trainer.training_step, []

    def later(*given):
        calls.append(1)
        if len(calls) == 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return step(*given)

    trainer.training_step = later
    with pytest.raises(
        SettingError, match="step 2, .* per_device_train_batch_size 2 and gradient_accumulation_steps 2"
    ):
        trainer.train()
    assert trainer.state.global_step == 1
