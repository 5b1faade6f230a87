"""What sharded ranks leave behind: a folder that any process loads, predicts with, and pushes to the Hub and back."""

import json
import subprocess
import sys

import pytest
import torch

from pixel.benchmarks.distributed.launching import ROOT, launch
from pixel.benchmarks.distributed.rank_equality import answers_of, apart
from pixel.hub import push_folder
from pixel.models import PixelForCausalLM
from pixel.training.consolidating import consolidate
from tests.hub_standin import session_hub
from tests.training.parts import tiny_network
from tests.training.test_ranks import needs_deepspeed

NEAR = 2e-5  # logits of about 1; adapters are added to the weights before instead of after the product


def start(folder) -> str:
    tokenizer, network = tiny_network("qwen3_moe", fields=[])
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


@pytest.mark.slow
@pytest.mark.parametrize("config", ["fsdp2_cpu", pytest.param("zero3_cpu", marks=needs_deepspeed)])
def test_adapters_trained_over_ranks_are_merged_predict_and_travel_to_the_hub_and_back(tmp_path, config):
    run = launch(
        config, 2, tmp_path / "run", start=start(tmp_path / "start"), rows_per_device=8, adapters=True, max_steps=2,
        weighting="upgrad", learning_rate=1e-2, save_steps=2, resume=None,
    )  # fmt: skip
    folder = tmp_path / "run" / "model"
    assert not list(folder.glob("adapter*"))
    assert apart(run.answers, answers_of(folder)) < NEAR

    made = consolidate(tmp_path / "run" / "run" / "checkpoint-2", tmp_path / "consolidated")
    assert apart(run.answers, answers_of(made)) < NEAR

    conversations, readouts = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    conversations.write_text(json.dumps({"id": "a", "messages": [{"role": "user", "content": "I am tired."}]}) + "\n")
    command = [sys.executable, "recipes/predict.py", "--model", str(folder), "--input", str(conversations)]
    subprocess.run([*command, "--output", str(readouts), "--all_fields"], cwd=ROOT, check=True, capture_output=True)
    assert set(json.loads(readouts.read_text())["turns"][0]) >= {"emotion", "risk", "empathy"}

    session_hub().reset()
    name = f"someone/pixel-{config}"  # its own: a downloaded folder of the same name would be taken again
    push_folder(folder, name)
    assert "model.safetensors" in session_hub().files(name)
    here, there = (PixelForCausalLM.from_pretrained(place) for place in (folder, name))
    for (key, mine), theirs in zip(here.state_dict().items(), there.state_dict().values(), strict=True):
        assert torch.equal(mine, theirs), key
