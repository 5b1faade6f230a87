import pytest
import torch
from torch.testing import assert_close

from pixel.balancing import exact_gram
from tests.training.parts import parameters, trainer_for

PROBED = {"adapters": True, "gram_source": "lora", "probe_every": 1, "gram_timing": "immediate"}


def probed(folder, **options):
    """A trainer after its run, and the Gram matrices its balancer was handed."""
    trainer = trainer_for(folder, **(PROBED | options))
    seen, observe = [], trainer.balancer.observe
    trainer.balancer.observe = lambda gram: (seen.append(gram.clone()), observe(gram))[1]
    trainer.train()
    return trainer, seen


def test_the_probe_inside_the_step_is_the_exact_gram_over_the_b_matrices_below_the_fork(tmp_path):
    _, (gram,) = probed(tmp_path / "run", per_device_train_batch_size=16)
    fresh = trainer_for(tmp_path / "fresh", per_device_train_batch_size=16, **PROBED)
    batch = fresh.data_collator([fresh.train_dataset[index] for index in range(16)])
    fresh.model.train()
    with fresh.balancer.paused():
        losses = fresh.probe.losses(fresh.model, batch)
        below = [
            parameter
            for name, parameter in fresh.model.named_parameters()
            if "lora_B" in name and int(name.split("layers.")[1][0]) < fresh.pixel.config.readout_layer
        ]
        expected = exact_gram(losses, below)
    scale = expected.diagonal().mean()
    assert scale > 0
    assert_close(gram / scale, expected / scale, atol=1e-5, rtol=1e-3)


def test_probing_changes_nothing_of_a_plain_sum(tmp_path):
    options = {"weighting": "sum", "max_steps": 2, "per_device_train_batch_size": 4, "gradient_accumulation_steps": 2}
    trainer, seen = probed(tmp_path / "probed", **options)
    plain = trainer_for(tmp_path / "plain", adapters=True, **options)
    plain.train()
    assert len(seen) == 2
    expected = parameters(plain)
    for name, value in parameters(trainer).items():
        assert torch.equal(value, expected[name]), name


def test_only_every_nth_step_is_probed_and_what_it_saw_decides_the_next_steps_weights(tmp_path):
    trainer, seen = probed(tmp_path, weighting="upgrad", probe_every=2, max_steps=3, per_device_train_batch_size=4)
    assert len(seen) == 2
    assert trainer.balancer.weights.tolist() != [1.0] * 5
    assert trainer.pixel.fork.probe is None
    assert_close(trainer.balancer.probe_log.gram, seen[-1].double())


@pytest.mark.parametrize("method", ["sweep", "replicated"])
def test_probes_with_passes_of_their_own_measure_the_same(tmp_path, method):
    _, (inside,) = probed(tmp_path / "inside", per_device_train_batch_size=16)
    trainer = trainer_for(tmp_path / "own", per_device_train_batch_size=16, **(PROBED | {"probe_rows": 16}))
    trainer.probe.method, seen = method, []
    trainer.balancer.observe = seen.append
    trainer.train()
    scale = inside.diagonal().mean()
    assert_close(seen[0] / scale, inside / scale, atol=1e-4, rtol=1e-3)
