"""A run that is told to stop, or to go back, ends after its step and goes on as if nothing had been."""

import os
import signal

import pytest
from transformers import TrainerCallback

from pixel.checkpoints import verify
from pixel.training.callbacks.stop_on_request import StopOnRequest
from tests.training.interrupted import STEPS, At, log_of, same
from tests.training.parts import trainer_for

OPTIONS = STEPS | {"logging_steps": 2, "save_on_signal": True}  # step 3 lies between two log entries


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """Six steps that nothing interrupts."""
    trainer = trainer_for(tmp_path_factory.mktemp("whole"), **OPTIONS)
    trainer.train()
    return trainer


@pytest.mark.parametrize("at", [3, 4, 6], ids=["between saves", "at a save", "at the last step"])
def test_sigterm_saves_after_the_step_and_the_resumed_run_is_the_unbroken_one(unbroken, tmp_path, at):
    trainer = trainer_for(tmp_path, **OPTIONS)
    trainer.add_callback(At(at, lambda: os.kill(os.getpid(), signal.SIGTERM)))
    trainer.callback_handler.callbacks.insert(0, trainer.callback_handler.callbacks.pop())  # before it is looked at
    before = signal.getsignal(signal.SIGTERM)
    trainer.train()
    assert signal.getsignal(signal.SIGTERM) is before
    assert trainer.preempted and trainer.stop_on_request.reason == "SIGTERM"
    assert trainer.state.global_step == at
    assert verify(tmp_path / f"checkpoint-{at}").valid
    resumed = trainer_for(tmp_path, **OPTIONS)
    resumed.train(resume_from_checkpoint="auto")
    assert not resumed.preempted and resumed.state.global_step == 6
    assert same(resumed, unbroken)
    assert log_of(resumed)[:3] == log_of(unbroken)[:3]


@pytest.mark.parametrize(("saves", "reason"), [("steps", "SIGTERM"), ("no", None)])
def test_a_signal_after_the_last_step_is_heeded_where_that_step_was_saved(tmp_path, saves, reason):
    options = STEPS | {"max_steps": 1, "save_strategy": saves, "save_on_signal": True}
    trainer = trainer_for(tmp_path, **options)

    class AtTheEnd(TrainerCallback):
        def on_train_end(self, args, state, control, **kwargs):
            os.kill(os.getpid(), signal.SIGTERM)

    trainer.add_callback(AtTheEnd())
    trainer.train()
    assert trainer.stop_on_request.reason == reason


@pytest.mark.parametrize("asked_at", [3, 6], ids=["on the way", "in the last step"])
def test_a_callback_sends_the_run_back_and_it_ends_as_the_unbroken_one(unbroken, tmp_path, asked_at):
    trainer = trainer_for(tmp_path, **OPTIONS)
    trainer.add_callback(At(asked_at, lambda: trainer.roll_back_to(2, "the loss went up")))
    trainer.train()
    assert trainer.preempted and trainer.stop_on_request.reason == "rollback"
    assert trainer.state.global_step <= asked_at + 1
    resumed = trainer_for(tmp_path, **OPTIONS)
    resumed.train(resume_from_checkpoint="auto")
    assert not resumed.preempted and same(resumed, unbroken) and log_of(resumed) == log_of(unbroken)
    with pytest.raises(RuntimeError, match="there is no checkpoint-5|no such checkpoint"):
        resumed.roll_back_to(5, "why")


def test_a_data_worker_outlives_the_first_signal_to_its_group_and_not_the_second():
    stop = StopOnRequest()
    with stop.listening():
        child = os.fork()
        if child == 0:
            os.kill(os.getpid(), signal.SIGTERM)
            os.write(1, b"")
            os.kill(os.getpid(), signal.SIGTERM)
            os._exit(3)
        _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGTERM
    assert stop.reason is None
