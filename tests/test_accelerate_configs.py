"""Each launcher configuration starts what it says it starts."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

CONFIGS = Path(__file__).parent.parent / "accelerate_configs"

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


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.name)
def test_every_configuration_says_how_to_launch_it(path):
    assert f"accelerate launch --config_file accelerate_configs/{path.name}" in path.read_text()
    settings = yaml.safe_load(path.read_text())
    # A bare yes or no would be read as true or false, which accelerate does not know here.
    assert isinstance(settings["distributed_type"], str) and isinstance(settings["mixed_precision"], str)


def test_zero3_on_cpu_differs_from_eight_gpus_only_in_size_device_and_precision():
    cpu, gpu = (yaml.safe_load((CONFIGS / name).read_text()) for name in ("zero3_cpu.yaml", "zero3_8gpu.yaml"))
    different = {key for key in cpu | gpu if cpu.get(key) != gpu.get(key)}
    assert different == {"num_processes", "use_cpu", "mixed_precision"}
    assert gpu["deepspeed_config"]["zero3_save_16bit_model"] and gpu["deepspeed_config"]["gradient_clipping"]


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
