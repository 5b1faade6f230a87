from pathlib import Path

import pytest
import yaml

from pixel.planning import PlanError, read_hardware
from pixel.planning.run_config import launch_options, read_yaml, training_setup

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "recipes" / "configs" / "qwen3_30b_a3b_zero3.yaml"


def test_the_training_yaml_is_planned_as_it_stands():
    planned = training_setup(read_yaml(TARGET), read_hardware("8xa100-80gb"), sharding="zero3")
    said = yaml.safe_load(TARGET.read_text())
    assert planned.architecture.name == said["model_name_or_path"]
    assert (planned.lora_rank, planned.length) == (said["lora_r"], said["max_length"])
    assert planned.rows == said["per_device_train_batch_size"]
    assert planned.heads.hidden == said["head_hidden_size"]
    assert planned.checkpointing and planned.packed and planned.dtype == "bfloat16"


def test_tokens_a_step_are_planned_as_they_are_trained():
    full = read_yaml(TARGET.with_name("qwen3_30b_a3b_full.yaml"))
    eight, sixteen = (training_setup(full, read_hardware(name), sharding="zero3") for name in ("8xh100", "2x8xh100"))
    assert full["tokens_per_step"] == 262144  # 8 devices x 4096 x 8, 16 x 4096 x 4; one row fits
    assert (eight.rows, eight.accumulation, sixteen.rows, sixteen.accumulation) == (1, 8, 1, 4)


@pytest.mark.parametrize("file", sorted((ROOT / "recipes" / "configs").glob("*.yaml")), ids=lambda file: file.stem)
def test_every_config_that_ships_is_planned_or_refused_with_a_mend(file):
    try:
        planned = training_setup(read_yaml(file), read_hardware("cpu"))
    except PlanError as error:
        assert "frozen_trunk" in str(error) and "Mend: " in str(error)
    else:
        assert planned.dtype == "float32" or "dtype" in file.read_text()


def test_what_is_not_said_has_the_trainers_default():
    planned = training_setup({"model_name_or_path": "tiny:llama"}, read_hardware("h100"))
    assert (planned.rows, planned.length, planned.accumulation) == (8, 1024, 1)
    assert planned.optimizer == "adamw_fused" and planned.full and planned.packed
    assert not training_setup({"model_name_or_path": "tiny:llama"}, read_hardware("cpu")).checkpointing


@pytest.mark.parametrize(
    ("name", "hardware", "sharding", "offload"),
    [
        ("zero3_8gpu", "8xa100-80gb", "zero3", "none"),
        ("zero3_offload", "8xa100-80gb", "zero3", "optimizer+parameters"),
        ("ddp", "8xa100-80gb", "ddp", "none"),
        ("fsdp2", "8xa100-80gb", "fsdp2", "none"),
        ("zero2", "8xa100-80gb", "zero2", "none"),
        ("cpu", "cpu", "none", "none"),
    ],
)
def test_the_launch_config_says_how_it_is_sharded(name, hardware, sharding, offload):
    file = ROOT / "accelerate_configs" / f"{name}.yaml"
    found = launch_options(read_yaml(file), read_hardware(hardware), name)
    assert (found["sharding"], found["offload"]) == (sharding, offload)


def test_a_deepspeed_file_brings_its_buckets(tmp_path):
    file = tmp_path / "ds.json"
    file.write_text('{"zero_optimization": {"stage": 3, "reduce_bucket_size": 1e6, "sub_group_size": "auto"}}')
    config = {"distributed_type": "DEEPSPEED", "num_processes": 8, "deepspeed_config": {}}
    config["deepspeed_config"]["deepspeed_config_file"] = str(file)
    found = launch_options(config, read_hardware("8xh100"))
    assert found == {"sharding": "zero3", "offload": "none", "bucket": 1_000_000}


def test_processes_and_devices_must_be_as_many():
    config = {"distributed_type": "MULTI_GPU", "num_processes": 8}
    with pytest.raises(PlanError, match="num_processes is 8, the hardware has 4 devices. Mend: "):
        launch_options(config, read_hardware("4xh100"), "ddp.yaml")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"optim": "lion"}, "optim: lion"),
        ({"frozen_trunk": True}, "frozen_trunk"),
        ({"lora_r": 4, "lora_targets": ["wqkv"]}, "has no wqkv"),
        ({"per_device_train_batch_size": 0}, "rows is 0"),
        ({"model_dtype": "int4"}, "no 'int4'"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_a_mend(options, words):
    with pytest.raises(PlanError, match=f"{words}.*Mend: "):
        training_setup({"model_name_or_path": "tiny:llama"} | options, read_hardware("h100"))


@pytest.mark.parametrize(
    ("sharding", "offload", "hardware", "words"),
    [
        ("none", "none", "8xh100", "one device of 8"),
        ("ddp", "optimizer", "8xh100", "is DeepSpeed's"),
        ("zero2", "optimizer+parameters", "8xh100", "ZeRO-3 alone"),
        ("zero4", "none", "8xh100", "no 'zero4'"),
    ],
)
def test_ways_that_do_not_exist_are_refused_with_a_mend(sharding, offload, hardware, words):
    machines = read_hardware(hardware)
    with pytest.raises(PlanError, match=f"{words}.*Mend: "):
        training_setup({"model_name_or_path": "tiny:llama"}, machines, sharding=sharding, offload=offload)


@pytest.mark.parametrize("text", ["8xb9000", "0xh100", "9xh100", "x"])
def test_hardware_that_does_not_exist_is_refused_with_a_mend(text):
    with pytest.raises(PlanError, match="Mend: "):
        read_hardware(text)


def test_nodes_and_devices_are_read():
    machines = read_hardware("2x8xh100")
    assert (machines.nodes, machines.per_node, machines.count) == (2, 8, 16)
    assert read_hardware("16xh100") == machines
    assert read_hardware("2x8xh100").bandwidth == machines.device.network
