"""
Two processes watched: whose numbers are whose, and which of them the other waits for.

Slow, since each launch imports torch three times; what a rank makes of the others' rows is in `test_across_ranks`.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pixel.benchmarks.distributed.launching import surroundings

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("watched_rank.py")
SLOW = 0.8


def launch(config: str, folder: Path, kind: str = "llama") -> list[dict]:
    folder.mkdir(parents=True)
    command = [
        sys.executable, "-m", "accelerate.commands.launch", "--config_file", f"accelerate_configs/{config}.yaml",
        "--num_processes", "2", "--main_process_port", "0", str(SCRIPT), str(folder), kind, "1", str(SLOW),
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return [json.loads((folder / f"rank{rank}.json").read_text()) for rank in range(2)]


@pytest.mark.slow
def test_a_slow_rank_is_named_and_its_wait_is_the_others_communication(tmp_path):
    first, second = launch("ddp", tmp_path / "two")
    assert first["processes"] == 2
    logged = [entry for entry in first["log"] if "time/slowest_rank" in entry]
    own = [rank["report"]["seconds"] for rank in (first, second)]
    first_own, second_own = (sum(seconds.values()) - seconds.get("communication", 0.0) for seconds in own)
    assert second_own > first_own + 3 * SLOW  # it slept for six times SLOW, on a machine that may be busy
    assert [entry["time/slowest_rank"] for entry in logged].count(1.0) >= 2  # of three logs
    assert logged == [entry for entry in second["log"] if "time/slowest_rank" in entry]
    waited, slept = (rank["report"]["seconds"].get("communication", 0.0) for rank in (first, second))
    assert waited > slept + 2 * SLOW
    told = [alert["message"] for alert in first["alerts"] if alert["kind"] == "straggler"]
    assert any("rank 1 needs" in message for message in told)
    assert "straggler" not in {alert["kind"] for alert in second["alerts"]}  # the main process alone tells
    for rank in (0, 1):
        lines = (tmp_path / f"two/run/resources/rank{rank}.jsonl").read_text().splitlines()
        assert [json.loads(line)["step"] for line in lines] == [2, 4, 6]
    tokens = [sum(json.loads(line)["tokens"] for line in (tmp_path / f"two/run/resources/rank{rank}.jsonl").open())
              for rank in (0, 1)]  # fmt: skip
    spent = sum(2 * entry["time/step"] for entry in logged)
    said = sum(entry["throughput/tokens_per_second"] * 2 * entry["time/step"] for entry in logged)
    assert said == pytest.approx(sum(tokens), rel=0.01) and spent > 0
    assert {"min", "mean", "max", "rank"} == set(first["report"]["ranks"]["memory_bytes"])


@pytest.mark.slow
def test_under_zero_3_the_engines_step_is_the_optimizers_and_the_tokens_are_those_of_both_ranks(tmp_path):
    first, _ = launch("zero3_cpu", tmp_path / "two", "qwen3_moe")
    assert first["sharded"] and first["processes"] == 2
    seconds = first["report"]["seconds"]
    assert seconds["optimizer"] > 0 and seconds["backward"] > 0
    entry = [entry for entry in first["log"] if "time/step" in entry][-1]
    assert entry["throughput/tokens_per_second"] > 0 and entry["throughput/tflops"] > 0
