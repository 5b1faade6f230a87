"""Any checkpoint becomes a folder that loads by itself."""

import shutil
from copy import deepcopy

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.distributed import checkpoint as dcp

from pixel.checkpoints import CheckpointError, seal
from pixel.models import PixelForCausalLM
from pixel.training import consolidating
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


@pytest.fixture(scope="module")
def adapted(tmp_path_factory):
    """Adapters and heads after two steps: `(checkpoint, trainer)`."""
    folder = tmp_path_factory.mktemp("adapted")
    tokenizer, base = tiny_network()
    base.save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    trainer = trainer_for(folder / "run", adapters=True, network=tiny_network(str(folder / "base")), **STEPS)
    trainer.train()
    return folder / "run" / "checkpoint-2", trainer


def test_adapters_are_merged_into_their_base(adapted, tmp_path):
    checkpoint, trainer = adapted
    assert kind_of(checkpoint) == "adapter"
    folder = consolidate(checkpoint, tmp_path / "model", base=str(checkpoint.parents[1] / "base"))
    assert not any(path.name.startswith("adapter") for path in folder.iterdir())
    expected = dict(deepcopy(trainer.model).merge_and_unload().named_parameters())
    for name, value in PixelForCausalLM.from_pretrained(folder).named_parameters():
        torch.testing.assert_close(value, expected[name], atol=1e-6, rtol=1e-5, msg=name)


@pytest.mark.parametrize("kind", ["fsdp", "zero"])
def test_adapters_in_shards_are_merged_into_their_base(adapted, tmp_path, monkeypatch, kind):
    """FSDP's shards name adapters and heads as their file does; DeepSpeed's as they are in memory."""
    checkpoint, trainer = adapted
    sharded = tmp_path / "checkpoint-2"
    shutil.copytree(checkpoint, sharded)
    if kind == "fsdp":
        for file in sharded.glob("adapter_*"):
            file.unlink()
        weights = {"model": load_file(checkpoint / "adapter_model.safetensors")}
        dcp.save(weights, checkpoint_id=sharded / "pytorch_model_fsdp_0", no_dist=True)
    else:  # without gathered weights it leaves an adapter file with nothing in it
        save_file({}, sharded / "adapter_model.safetensors")
        (sharded / "global_step2").mkdir()
        (sharded / "global_step2" / "zero_pp_rank_0_mp_rank_00_model_states.pt").touch()
        memory = {f"module.{name}": p.detach() for name, p in trainer.model.named_parameters() if p.requires_grad}
        monkeypatch.setitem(consolidating._STATES, "zero", lambda folder: memory)
    seal(sharded, 2)
    assert kind_of(sharded) == kind
    folder = consolidate(sharded, tmp_path / "model")
    assert {"model.safetensors", "config.json", "tokenizer.json"} <= {path.name for path in folder.iterdir()}
    expected = load_file(consolidate(checkpoint, tmp_path / "expected") / "model.safetensors")
    found = load_file(folder / "model.safetensors")
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], value) for name, value in expected.items())


def test_an_adapter_with_a_weight_missing_is_refused(adapted, tmp_path):
    checkpoint, _ = adapted
    cut = tmp_path / "checkpoint-2"
    shutil.copytree(checkpoint, cut)
    weights = load_file(cut / "adapter_model.safetensors")
    gone = next(name for name in weights if "q_proj.lora_B" in name)
    save_file({name: value for name, value in weights.items() if name != gone}, cut / "adapter_model.safetensors")
    seal(cut, 2)
    with pytest.raises(CheckpointError, match="1 weights are not in it, e.g. .*q_proj.lora_B.*Mend"):
        consolidate(cut, tmp_path / "model")


def test_experts_are_put_together_before_they_are_rounded(tmp_path):
    _, network = tiny_network("qwen3_moe")
    network.save_pretrained(tmp_path / "checkpoint-1")
    seal(tmp_path / "checkpoint-1", 1)
    folder = consolidate(tmp_path / "checkpoint-1", tmp_path / "model", dtype=torch.bfloat16)
    expected = dict(network.named_parameters())
    for name, value in PixelForCausalLM.from_pretrained(folder).named_parameters():
        assert torch.equal(value.bfloat16(), expected[name].bfloat16()), name


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
