"""Each launcher configuration starts what it says it starts."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.utils import DistributedType

ROOT = Path(__file__).parent.parent
CONFIGS = ROOT / "accelerate_configs"
FILES = sorted(CONFIGS.glob("*.yaml"))
DEEPSPEED = [path for path in FILES if "DEEPSPEED" in path.read_text()]

SCRIPT = """
import json, os, sys, torch
from transformers import LlamaConfig, LlamaForCausalLM, Trainer, TrainingArguments

out = sys.argv[1]
args = TrainingArguments(out, max_steps=1, per_device_train_batch_size=2, use_cpu=True, report_to=[],
                         disable_tqdm=True, save_strategy="no")
sizes = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2)
model = LlamaForCausalLM(LlamaConfig(vocab_size=32, **sizes))
rows = [{"input_ids": torch.arange(8), "labels": torch.arange(8)}] * 8
trainer = Trainer(model, args, train_dataset=rows)
trainer.train()
trainer.save_model(out)
split = hasattr(next(trainer.model.parameters()), "ds_numel")
with open(f"{out}/rank{args.process_index}.json", "w") as file:
    json.dump([trainer.accelerator.distributed_type.value, args.world_size, split], file)
"""


def launch(config: str, tmp_path: Path, *options: str, **environment: str) -> list:
    """Run `SCRIPT` under the configuration; returns what each rank saw."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(CONFIGS / config), *options]
    clean = {name: value for name, value in os.environ.items() if name not in ("ACCELERATE_USE_CPU", "RANK")}
    done = subprocess.run(
        [*command, str(script), str(tmp_path)],
        env={**clean, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(path.read_text()) for path in sorted(tmp_path.glob("rank*.json"))]


def read(name: str) -> dict:
    return yaml.safe_load((CONFIGS / name).read_text())


def test_every_kind_of_launch_has_its_configuration():
    assert {path.stem for path in FILES} == {
        "cpu", "ddp", "fsdp2", "fsdp2_cpu", "zero2", "zero3_8gpu", "zero3_offload", "zero3_2x8", "zero3_cpu",
    }  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_configuration_says_how_to_launch_it(path):
    assert f"accelerate launch --config_file accelerate_configs/{path.name}" in path.read_text()
    settings = yaml.safe_load(path.read_text())
    # A bare yes or no would be read as true or false, which accelerate does not know here.
    assert isinstance(settings["distributed_type"], str) and isinstance(settings["mixed_precision"], str)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_accelerate_itself_reads_every_configuration(path):
    config = load_config_from_file(str(path))  # refuses keys that it does not know
    expected = {"cpu": "NO", "ddp": "MULTI_GPU"}.get(path.stem, "FSDP" if "fsdp" in path.stem else "DEEPSPEED")
    assert config.distributed_type == DistributedType[expected]
    machines, processes = (2, 16) if path.stem == "zero3_2x8" else (1, 2 if path.stem.endswith("_cpu") else 8)
    assert (config.num_machines, config.num_processes) == (machines, 1 if path.stem == "cpu" else processes)
    assert config.use_cpu == path.stem.endswith("cpu")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_key_has_a_comment_above_it(path):
    above = ""
    for line in path.read_text().splitlines():
        if re.match(r"\s*[a-z_0-9]+:", line):
            assert above.lstrip().startswith("#"), f"{path.name}: {line.strip()}"
        above = line


@pytest.mark.parametrize("path", DEEPSPEED, ids=lambda path: path.name)
def test_clipping_and_accumulation_follow_the_training_arguments(path):
    settings = yaml.safe_load(path.read_text())["deepspeed_config"]
    # auto: transformers fills in max_grad_norm and gradient_accumulation_steps; a number could contradict a recipe.
    assert settings["gradient_clipping"] == settings["gradient_accumulation_steps"] == "auto"
    assert settings["zero_stage"] == (2 if path.stem == "zero2" else 3)
    if settings["zero_stage"] == 3:
        assert settings["zero3_init_flag"] and settings["zero3_save_16bit_model"]
    offloaded = "cpu" if path.stem == "zero3_offload" else "none"
    assert settings["offload_optimizer_device"] == settings["offload_param_device"] == offloaded


@pytest.mark.parametrize(
    ("cpu", "gpu", "same_but"),
    [
        ("zero3_cpu.yaml", "zero3_8gpu.yaml", {"num_processes", "use_cpu", "mixed_precision"}),
        ("fsdp2_cpu.yaml", "fsdp2.yaml", {"num_processes", "use_cpu", "mixed_precision"}),
        ("zero3_offload.yaml", "zero3_8gpu.yaml", {"deepspeed_config"}),
        (
            "zero3_2x8.yaml", "zero3_8gpu.yaml",
            {"num_machines", "num_processes", "main_process_ip", "main_process_port"},
        ),
    ],
)  # fmt: skip
def test_what_is_tested_on_a_cpu_differs_from_what_runs_on_gpus_only_where_it_must(cpu, gpu, same_but):
    one, other = read(cpu), read(gpu)
    assert {key for key in one | other if one.get(key) != other.get(key)} == same_but


@pytest.mark.parametrize("path", sorted((ROOT / "recipes/configs").glob("qwen3_*.yaml")), ids=lambda path: path.name)
def test_the_recipes_of_the_large_model_fit_the_launchers_that_they_name(path):
    text = path.read_text()
    recipe, named = yaml.safe_load(text), re.findall(r"accelerate_configs/(\w+\.yaml)", text)
    assert named and recipe["max_grad_norm"] == 1.0
    for name in named:
        launcher = load_config_from_file(str(CONFIGS / name))
        assert launcher.mixed_precision == "bf16" and recipe["bf16"] and launcher.deepspeed_config["zero_stage"] == 3
        if "tokens_per_step" in recipe:  # the same step on 8 and on 16
            rows = recipe["tokens_per_step"] / launcher.num_processes / recipe["max_length"]
            assert rows == int(rows) >= 1
    adapted = recipe.get("lora_r", 0) > 0
    assert (recipe.get("gram_source") == "lora") == adapted  # the probe of adapters needs adapters


@pytest.mark.slow
def test_cpu_runs_one_process(tmp_path):
    assert launch("cpu.yaml", tmp_path) == [["NO", 1, False]]


@pytest.mark.slow
def test_ddp_runs_two_processes_on_a_cpu(tmp_path):
    assert launch("ddp.yaml", tmp_path, "--num_processes", "2") == [["MULTI_CPU", 2, False]] * 2


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="DeepSpeed compiles its collectives: needs g++")
def test_zero3_splits_the_parameters_between_two_processes_and_saves_them_whole(tmp_path):
    pytest.importorskip("deepspeed")
    extensions = {"DS_ACCELERATOR": "cpu", "TORCH_EXTENSIONS_DIR": str(tmp_path / "extensions")}
    assert launch("zero3_cpu.yaml", tmp_path, **extensions) == [["DEEPSPEED", 2, True]] * 2

    from safetensors import safe_open

    with safe_open(tmp_path / "model.safetensors", "pt") as saved:
        assert saved.get_slice("model.embed_tokens.weight").get_shape() == [32, 16]
