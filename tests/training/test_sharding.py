"""A launch that is not what was asked for is refused, with the mend."""

from types import SimpleNamespace

import pytest
from accelerate.parallelism_config import ParallelismConfig
from accelerate.utils import DistributedType
from torch import nn

from pixel.training.arguments import SettingError
from pixel.training.frozen import FrozenTrainer
from pixel.training.sharding import (
    refuse_deaf_launch,
    refuse_disagreement,
    refuse_split_sequences,
    require_as_asked,
    require_one_process,
    require_shards,
)
from pixel.training.turn_trainer import TurnTrainer
from tests.training.parts import arguments, tiny_data, tiny_network, trainer_for

LAUNCHED = ("LOCAL_RANK", "WORLD_SIZE", "MASTER_PORT", "PMI_SIZE", "ACCELERATE_USE_CPU", "ACCELERATE_USE_FSDP")


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    for name in (*LAUNCHED, "ACCELERATE_USE_DEEPSPEED"):
        monkeypatch.delenv(name, raising=False)


def test_one_process_of_a_launch_that_wanted_several_is_refused(monkeypatch):
    refuse_deaf_launch()
    monkeypatch.setenv("ACCELERATE_USE_CPU", "True")  # what the simple launcher sets ...
    refuse_deaf_launch()
    monkeypatch.setenv("MASTER_PORT", "29500")  # ... and this too, where num_processes is more than one
    with pytest.raises(SettingError, match="ddp.yaml with --num_processes N"):
        refuse_deaf_launch()
    monkeypatch.setenv("LOCAL_RANK", "0")  # torchrun started it
    refuse_deaf_launch()


@pytest.mark.parametrize(("asked", "name"), [("FSDP", "FSDP2"), ("DEEPSPEED", "ZeRO")])
def test_data_parallel_in_the_place_of_sharding_is_refused(monkeypatch, asked, name):
    monkeypatch.setenv(f"ACCELERATE_USE_{asked}", "true")
    monkeypatch.setenv("WORLD_SIZE", "2")
    require_as_asked(DistributedType[asked], 2)
    with pytest.raises(SettingError, match=f"{name} was asked for and MULTI_CPU would run"):
        require_as_asked(DistributedType.MULTI_CPU, 2)


def test_processes_that_do_not_know_of_each_other_are_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(SettingError, match="2 processes were launched and each takes the world for 1"):
        require_as_asked(DistributedType.NO, 1)


def test_a_trainer_does_not_start_alone_where_fsdp_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    monkeypatch.setenv("FSDP_VERSION", "2")
    with pytest.raises(SettingError, match="FSDP2 was asked for and NO would run"):
        trainer_for(tmp_path)


@pytest.mark.parametrize("name", ["cp", "sp", "tp"])
def test_a_sequence_over_several_processes_is_refused(monkeypatch, name):
    refuse_split_sequences(None)
    refuse_split_sequences(ParallelismConfig(dp_shard_size=2))
    with pytest.raises(SettingError, match=f"{name}_size is 2"):
        refuse_split_sequences(ParallelismConfig(**{f"{name}_size": 2}))
    monkeypatch.setenv(f"PARALLELISM_CONFIG_{name.upper()}_SIZE", "4")  # as accelerate launch hands it on
    with pytest.raises(SettingError, match=f"{name}_size is 4"):
        refuse_split_sequences(None)


def test_a_trainer_with_context_parallel_says_why_turns_cannot_be_split(tmp_path):
    with pytest.raises(SettingError, match="a turn that lies on two of them can neither be pooled"):
        trainer_for(tmp_path, parallelism_config=ParallelismConfig(cp_size=2))


def test_activation_offloading_without_an_accelerator_is_refused(tmp_path):
    with pytest.raises(SettingError, match="this run has no accelerator"):
        trainer_for(tmp_path, activation_offloading=True, use_cpu=True)


def test_a_launcher_and_arguments_that_differ_are_named_before_training():
    refuse_disagreement(None)
    refuse_disagreement(SimpleNamespace(mismatches=[]))
    found = ["- ds gradient_clipping=1.0 vs hf max_grad_norm=0.5"]
    with pytest.raises(SettingError, match="gradient_clipping=1.0 vs hf max_grad_norm=0.5"):
        refuse_disagreement(SimpleNamespace(mismatches=found))


def test_heads_on_a_frozen_trunk_are_trained_by_one_process(tmp_path, monkeypatch):
    require_one_process("this")
    tokenizer, network = tiny_network(head_hidden_size=0)
    args, data = arguments(tmp_path), tiny_data(talk=False)
    for name, value in (("WORLD_SIZE", "2"), ("ACCELERATE_USE_DEEPSPEED", "true"), ("ACCELERATE_USE_FSDP", "true")):
        monkeypatch.setenv(name, value)
        for trainer in (TurnTrainer, FrozenTrainer):
            with pytest.raises(SettingError, match="frozen_trunk .* heads in one process only.*Mend: "):
                trainer(network, args, data, processing_class=tokenizer)
        monkeypatch.delenv(name)


def test_a_parameter_that_is_not_sharded_is_named():
    with pytest.raises(SettingError, match="ZeRO-3 was asked for and weight is not sharded"):
        require_shards(nn.Linear(2, 2), "ZeRO-3")
    split = nn.Linear(2, 2)
    for parameter in split.parameters():
        parameter.ds_id = 0
    require_shards(split, "ZeRO-3")
