"""A run that ends before its time says why, in its exit status and to its supervisor."""

import os
import signal
from types import SimpleNamespace

import pytest
from transformers import TrainerCallback

from pixel.checkpoints import newest_valid
from pixel.orchestration.heartbeat import Heartbeat, read_beats
from pixel.training.exit_status import train_or_leave
from pixel.training.step_guard import NonFiniteStep
from tests.training.parts import trainer_for


class Doing(TrainerCallback):
    """Does something after a step."""

    def __init__(self, step, what):
        self.step, self.what = step, what

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == self.step:
            self.what()


def train(folder, what, **options):
    trainer = trainer_for(folder, max_steps=4, per_device_train_batch_size=4, **options)
    trainer.add_callback(Doing(2, what))
    return train_or_leave(trainer, Heartbeat(folder, rank=0, every=0), None)


def test_a_run_that_is_done_goes_on_to_its_end(tmp_path):
    assert train(tmp_path, lambda: None) is None
    (beat,) = read_beats(tmp_path)
    assert (beat.phase, beat.step, beat.status) == ("end", 4, None)


def test_sigterm_ends_it_with_75_and_a_checkpoint(tmp_path, capsys):
    assert train(tmp_path, lambda: os.kill(os.getpid(), signal.SIGTERM), save_on_signal=True) == 75
    step = int(newest_valid(tmp_path)[0].name.partition("-")[2])
    assert step in (2, 3)  # the step in which it came, or the next
    assert f"Saved at step {step}" in capsys.readouterr().out
    assert read_beats(tmp_path)[0].status == 75


def test_a_gradient_that_is_not_finite_ends_it_with_76(tmp_path):
    def broken():
        raise NonFiniteStep(3, "step 3: the gradient is not finite")

    assert train(tmp_path, broken) == 76
    assert read_beats(tmp_path)[0].status == 76


def test_any_other_error_stays_one(tmp_path):
    with pytest.raises(ZeroDivisionError):
        train(tmp_path, lambda: 1 / 0)


def test_heads_that_are_fitted_at_once_are_ticked_and_no_longer_finished(tmp_path):
    (tmp_path / "finished.json").write_text("{}")
    seen = []
    trainer = SimpleNamespace(
        args=SimpleNamespace(output_dir=str(tmp_path)), state=SimpleNamespace(global_step=9),
        train=lambda: seen.append((read_beats(tmp_path)[0].phase, (tmp_path / "finished.json").exists())),
    )  # fmt: skip
    assert train_or_leave(trainer, Heartbeat(tmp_path, rank=0), None) is None
    assert seen == [("train", False)] and read_beats(tmp_path)[0].step == 9
