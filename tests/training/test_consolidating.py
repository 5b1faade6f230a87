"""Any checkpoint becomes a folder that loads by itself."""

import pytest
import torch
from torch.distributed import checkpoint as dcp

from pixel.checkpoints import CheckpointError, seal
from pixel.models import PixelForCausalLM
from pixel.training.consolidating import consolidate, kind_of
from tests.training.parts import parameters, tiny_network, trainer_for

STEPS = {"max_steps": 2, "save_strategy": "steps", "save_steps": 2, "optim": "adamw_torch", "learning_rate": 1e-2}
OF_TRAINING = {
    "optimizer.pt",
    "scheduler.pt",
    "rng_state.pth",
    "trainer_state.json",
    "objectives.json",
    "manifest.json",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A whole network after two steps: `(checkpoint, parameters)`."""
    folder = tmp_path_factory.mktemp("run")
    trainer = trainer_for(folder, **STEPS)
    trainer.train()
    return folder / "checkpoint-2", parameters(trainer)


def test_a_whole_checkpoint_is_copied_without_its_training(run, tmp_path):
    checkpoint, trained = run
    folder = consolidate(checkpoint, tmp_path / "model")
    assert not OF_TRAINING & {path.name for path in folder.iterdir()}
    loaded = dict(PixelForCausalLM.from_pretrained(folder).named_parameters())
    assert all(torch.equal(loaded[name], value) for name, value in trained.items())


def test_another_dtype_is_the_same_weights_rounded(run, tmp_path):
    checkpoint, trained = run
    network = PixelForCausalLM.from_pretrained(consolidate(checkpoint, tmp_path / "model", dtype=torch.bfloat16))
    assert network.dtype == torch.bfloat16
    for name, value in network.named_parameters():
        assert torch.equal(value.bfloat16(), trained[name].bfloat16()), name


def test_adapters_are_merged_into_their_base(tmp_path):
    tokenizer, base = tiny_network()
    base.save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    trainer = trainer_for(tmp_path / "run", adapters=True, network=tiny_network(str(tmp_path / "base")), **STEPS)
    trainer.train()
    checkpoint = tmp_path / "run" / "checkpoint-2"
    assert kind_of(checkpoint) == "adapter"
    folder = consolidate(checkpoint, tmp_path / "model", base=str(tmp_path / "base"))
    assert not any(path.name.startswith("adapter") for path in folder.iterdir())
    expected = dict(trainer.merged_network().named_parameters())
    for name, value in PixelForCausalLM.from_pretrained(folder).named_parameters():
        torch.testing.assert_close(value, expected[name], atol=1e-6, rtol=1e-5, msg=name)


def test_shards_of_torch_are_put_together(run, tmp_path):
    """As FSDP writes them: the weights in a folder of torch.distributed.checkpoint, and no file of the model."""
    checkpoint, trained = run
    sharded = tmp_path / "checkpoint-2"
    (sharded / "network").mkdir(parents=True)
    (sharded / "network" / "config.json").write_bytes((checkpoint / "network" / "config.json").read_bytes())
    network = PixelForCausalLM.from_pretrained(checkpoint)
    dcp.save({"model": network.state_dict()}, checkpoint_id=sharded / "pytorch_model_fsdp_0", no_dist=True)
    seal(sharded, 2)
    assert kind_of(sharded) == "fsdp"
    loaded = dict(PixelForCausalLM.from_pretrained(consolidate(sharded, tmp_path / "model")).named_parameters())
    assert all(torch.equal(loaded[name], value) for name, value in trained.items())


def test_a_broken_checkpoint_a_full_folder_and_one_without_weights_are_refused(run, tmp_path):
    checkpoint, _ = run
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    with pytest.raises(CheckpointError, match="not empty"):
        consolidate(checkpoint, tmp_path / "taken")
    empty = tmp_path / "checkpoint-5"
    empty.mkdir()
    with pytest.raises(CheckpointError, match="no manifest.json"):
        consolidate(empty, tmp_path / "model")
    seal(empty, 5)
    with pytest.raises(CheckpointError, match="no weights"):
        consolidate(empty, tmp_path / "model")
    assert not (tmp_path / "model").exists()
