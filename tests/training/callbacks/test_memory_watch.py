"""A leak planted into a real run is told with its size; a run without one is left in peace."""

import gc

import pytest
import torch
from transformers import TrainerCallback

from pixel.monitoring.memory.leak import MIB
from pixel.training.callbacks.memory_watch import MemoryWatch
from tests.training.parts import trainer_for


class Keeps(TrainerCallback):
    """Keeps a tensor of 1 MiB after every step."""

    def __init__(self):
        self.kept = []

    def on_step_end(self, args, state, control, **kwargs):
        self.kept.append(torch.full((MIB // 4,), float(state.global_step)))


@pytest.fixture
def fresh_heap():
    """What other tests left is looked through no more: else each of the sixty looks walks over millions of objects."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("leaking", [True, False])
def test_a_leak_of_known_size_is_told_once_and_a_sound_run_is_not_accused(tmp_path, fresh_heap, leaking):
    trainer = trainer_for(tmp_path, max_steps=30, per_device_train_batch_size=2)
    if leaking:
        trainer.add_callback(Keeps())
    watch = MemoryWatch(trainer.alerts, warm_up=5, least_mib=8, live_tensors=1)
    trainer.add_watcher(watch)
    trainer.train()
    told = [alert for alert in trainer.alerts.sent if "live tensors" in alert.message]
    assert len(told) == leaking
    slope = watch.report()["slope"]["tensors"]
    assert slope["value"] == pytest.approx(MIB if leaking else 0, rel=0.05, abs=0.01 * MIB)
    if leaking:
        assert told[0].kind == "memory_leak" and told[0].values["low"] > 0.9 * MIB
        assert "tensors [262144] float32" in told[0].message and "tensors" in watch.report()["leaks"]


def test_the_parts_of_memory_are_those_of_the_run(tmp_path):
    trainer = trainer_for(tmp_path, max_steps=2, optim="adamw_torch")
    watch = MemoryWatch()
    trainer.add_watcher(watch)
    trainer.train()
    said = watch.report()["bytes"]
    sizes = {id(p): p.numel() * 4 for p in trainer.pixel.parameters() if p.requires_grad}
    assert sum(said["weights"].values()) >= sum(sizes.values())
    moments = 2 * sum(p.numel() * 4 for p in trainer.pixel.parameters() if p.requires_grad and p.grad is not None)
    assert sum(said["optimizer"].values()) >= moments
    assert {"trunk", "embeddings", "head risk"} <= set(said["gradients"])


def test_a_number_out_of_range_is_refused():
    with pytest.raises(ValueError, match="live_tensors is -1"):
        MemoryWatch(live_tensors=-1)
