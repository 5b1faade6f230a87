"""Waiting for processes: what is run, in which order, and how it is summed up."""

import json
import sys

import pytest

from pixel.benchmarks.speed import startup as measured
from pixel.benchmarks.speed.startup import PAIRS, Taken, commands_of, run, startup


def test_every_command_is_run_once_a_round_and_compared_with_trls(monkeypatch):
    ran = []

    def pretend(command, repository):
        ran.append(" ".join(command[-2:]))
        slow = "SFTTrainer" in command[-1] or "trl" in command[0]
        return Taken(wall=4.0 if slow else 1.0, processor=2.0 if slow else 1.0)

    monkeypatch.setattr(measured, "run", pretend)
    found = startup(rounds=3, first_step=False)
    assert len(ran) == 4 * 6 and sorted(ran[:6]) == sorted(ran[6:12]) != ran[:6]
    assert set(found["ratio"]) == {"import", "help", "predict help"}
    assert all(ratio["median"] == 0.5 and ratio["interval"] == [0.5, 0.5] for ratio in found["ratio"].values())
    assert found["seconds"]["trl sft --help"] == {"median": 4.0, "least": 4.0, "most": 4.0, "processor": 2.0}


def test_the_first_step_is_the_same_for_both(tmp_path):
    commands = commands_of(tmp_path, tmp_path, "tiny:llama")
    assert {name for pair in PAIRS.values() for name in pair} <= set(commands)
    ours, theirs = commands["train.py, first step"], commands["trl sft, first step"]
    for option in ("--max_steps=1", "--per_device_train_batch_size=2", "--max_length=128", "--save_strategy=no"):
        assert option in ours and option in theirs
    assert json.loads((tmp_path / "plain" / "config.json").read_text())["model_type"] == "llama"
    first = json.loads((tmp_path / "data" / "train.jsonl").read_text().splitlines()[0])
    assert set(first) == {"messages"} and first["messages"][0]["role"]


def test_a_process_is_timed_and_a_failing_one_named(tmp_path):
    took = run([sys.executable, "-c", "sum(range(3_000_000))"], tmp_path)
    assert took.wall > 0 and took.processor > 0
    with pytest.raises(RuntimeError, match="status 3"):
        run([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)
