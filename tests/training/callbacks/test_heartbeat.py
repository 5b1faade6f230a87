"""Every trainer with callbacks tells where it is, and falls silent when it hangs."""

import pytest

from pixel.orchestration.heartbeat import Heartbeat, read_beats
from pixel.training.callbacks.heartbeat import HeartbeatCallback
from tests.training.parts import arguments, tiny_data, tiny_network, trainer_for


class Noted(Heartbeat):
    """Keeps what was said besides writing it."""

    def __init__(self, folder):
        super().__init__(folder, every=0)
        self.said = []

    def beat(self, phase, *args, **kwargs):
        super().beat(phase, *args, **kwargs)
        self.said.append((phase, self.step))


def turn_trainer(folder, monkeypatch, **options):
    from pixel.training.turn_trainer import TurnTrainer

    monkeypatch.setenv("PIXEL_CACHE", str(folder / "cache"))
    tokenizer, network = tiny_network(shared_size=4)
    data = {"train_dataset": tiny_data(), "eval_dataset": tiny_data(4), "processing_class": tokenizer}
    return TurnTrainer(network, arguments(folder, **options), **data)


@pytest.mark.parametrize("kind", ["whole network", "turn states"])
def test_a_training_tells_every_step_and_phase(tmp_path, monkeypatch, kind):
    options = {
        "max_steps": 4, "save_strategy": "steps", "save_steps": 2, "eval_strategy": "steps", "eval_steps": 4,
        "per_device_train_batch_size": 4,
    }  # fmt: skip
    if kind == "turn states":
        trainer = turn_trainer(tmp_path, monkeypatch, **options)
    else:
        trainer = trainer_for(tmp_path, eval_dataset=tiny_data(4), **options)
    heart = Noted(tmp_path)
    trainer.add_callback(HeartbeatCallback(heart))
    trainer.train()
    changes = [one for place, one in enumerate(heart.said) if place == 0 or one != heart.said[place - 1]]
    assert changes == [
        ("start", 0), ("train", 1), ("save", 2), ("train", 2), ("train", 3), ("evaluate", 4), ("save", 4),
        ("train", 4), ("end", 4),
    ]  # fmt: skip
    (beat,) = read_beats(tmp_path)
    assert (beat.step, beat.max_steps, beat.phase) == (4, 4, "end")
