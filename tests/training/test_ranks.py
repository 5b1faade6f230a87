"""Two processes on the CPU take the step that one process takes on the same sixteen rows."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file
from torch.testing import assert_close

from pixel.benchmarks.distributed.launching import surroundings
from tests.training.parts import losses, parameters, tiny_network, trainer_for

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("launched.py")

# A step of SGD at rate 0.1 moves parameters by about 1e-2; the ranks add float32 in another order. The Gram matrix is
# float32 too, and a solver sits behind it: hence 1e-5.
CLOSE = {"atol": 1e-5, "rtol": 1e-4}


def launch(config: str, folder: Path, kind: str = "llama", adapters: bool = False, processes: int = 2, **options):
    """Run `launched.py`; gives parameters by name and what each rank wrote."""
    folder.mkdir(parents=True)
    file = ROOT / "accelerate_configs" / f"{config}.yaml"  # an absolute name stays itself
    command = [
        sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(file),
        "--num_processes", str(processes), str(SCRIPT), str(folder), kind, str(adapters), json.dumps(options),
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400
    )
    assert done.returncode == 0, done.stdout[-6000:]
    ranks = [json.loads((folder / f"rank{rank}.json").read_text()) for rank in range(processes)]
    return load_file(folder / "parameters.safetensors"), ranks


def start(folder: Path, kind: str) -> str:
    """A saved random network: under ZeRO-3 the same seed gives other weights."""
    tokenizer, network = tiny_network(kind)
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def alone(folder: Path, kind: str = "llama", adapters: bool = False, **options):
    """The same in this process."""
    trainer = trainer_for(folder, kind, adapters=adapters, **options)
    trainer.train()
    return parameters(trainer), trainer


def assert_same(found: dict, expected: dict, **tolerance) -> None:
    found = {name.removeprefix("module."): value for name, value in found.items()}
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert_close(found[name], value, **(CLOSE | tolerance), msg=lambda text, name=name: f"{name}: {text}")


# Two optimizer steps: the first gives the Gram matrix that the second one's weights come from. In the first, rank 0's
# rows name emotions and no risk, rank 1's the reverse.
STEPS = {"max_steps": 2, "weighting": "upgrad"}
CLIPPED = {"max_grad_norm": 1.0}  # as in accelerate_configs/zero3_cpu.yaml


def test_two_ranks_of_data_parallel_take_the_step_of_one_process(tmp_path):
    found, ranks = launch("ddp", tmp_path / "two", per_device_train_batch_size=8, use_cpu=True, **STEPS)
    expected, trainer = alone(tmp_path / "one", per_device_train_batch_size=16, **STEPS)
    assert [rank["processes"] for rank in ranks] == [2, 2]
    assert not any(rank["may_read_only"] for rank in ranks)  # a rank that stops early would leave the other waiting
    assert_same(found, expected)
    assert ranks[0]["weights"] == ranks[1]["weights"]
    assert ranks[0]["weights"] == pytest.approx(trainer.balancer.weights.tolist(), abs=1e-3)
    for name in ("loss_language", "loss_emotion", "loss_risk", "loss_emotional_reactions", "loss"):
        assert [entry[name] for entry in ranks[0]["log"] if name in entry] == pytest.approx(
            losses(trainer, name), rel=1e-4
        ), name
    assert ranks[0]["log"][-2]["num_tokens"] == losses(trainer, "num_tokens")[-1]


def test_two_ranks_with_adapters_and_a_probe_take_the_step_of_one_process(tmp_path):
    options = {"adapters": True, "max_steps": 2, "weighting": "sum", "gram_source": "lora", "probe_every": 1}
    found, ranks = launch("ddp", tmp_path / "two", per_device_train_batch_size=8, use_cpu=True, **options)
    options |= {"gram_source": "representation"}
    expected, _ = alone(tmp_path / "one", per_device_train_batch_size=16, **options)
    assert_same(found, expected)
    assert ranks[0]["probes"] == ranks[1]["probes"] and ranks[0]["probes"] is not None


needs_deepspeed = pytest.mark.skipif(
    shutil.which("g++") is None or not __import__("importlib.util").util.find_spec("deepspeed"),
    reason="needs deepspeed and g++",
)


@pytest.mark.slow
@needs_deepspeed
@pytest.mark.parametrize("kind", ["llama", "qwen3_moe"])
def test_zero3_takes_the_step_of_one_process(tmp_path, kind):
    options, network = STEPS | CLIPPED, start(tmp_path / kind, kind)
    found, ranks = launch(
        "zero3_cpu", tmp_path / "two", network, per_device_train_batch_size=8, use_cpu=True, **options
    )  # fmt: skip
    expected, trainer = alone(tmp_path / "one", network, per_device_train_batch_size=16, **options)
    assert all(rank["sharded"] for rank in ranks)
    # DeepSpeed must gather all experts of a layer at once, inside our wrapper too: tokens are routed elsewhere on each
    # rank, and one that waits for an expert that the other does not use would wait for ever.
    blocks = [f"model.layers.{layer}.mlp" for layer in range(4)] if kind == "qwen3_moe" else []
    assert all(rank["leaves"] == blocks for rank in ranks)
    assert_same(found, expected)
    assert ranks[0]["weights"] == pytest.approx(trainer.balancer.weights.tolist(), abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "adapters"), [("llama", False), ("qwen3_moe", True)])  # llama ties its embeddings
def test_fsdp2_on_cpus_is_real_and_takes_the_step_of_one_process(tmp_path, kind, adapters):
    options = STEPS | {"adapters": adapters}
    found, ranks = launch("fsdp2_cpu", tmp_path / "two", kind, per_device_train_batch_size=8, use_cpu=True, **options)
    expected, _ = alone(tmp_path / "one", kind, per_device_train_batch_size=16, **options)
    assert [(rank["type"], rank["processes"], rank["parts"]) for rank in ranks] == [("FSDP", 2, ["DTensor"])] * 2
    assert_same(found, expected)


@pytest.mark.slow
def test_a_launch_of_several_cpu_processes_that_starts_one_is_refused(tmp_path):
    config = tmp_path / "multi_cpu.yaml"
    config.write_text(
        "distributed_type: MULTI_CPU\nnum_processes: 2\nnum_machines: 1\nuse_cpu: true\nmixed_precision: 'no'\n"
    )
    with pytest.raises(AssertionError, match="asked for several CPU processes and started one"):
        launch(str(config.with_suffix("")), tmp_path / "two", use_cpu=True, **STEPS)


@pytest.mark.slow
@needs_deepspeed
def test_the_probe_under_zero3_measures_conflicts_and_leaves_the_gradients_alone(tmp_path):
    options = {"adapters": True, "max_steps": 3, "weighting": "sum", "per_device_train_batch_size": 8} | CLIPPED
    kind = start(tmp_path / "start", "llama")
    probed, ranks = launch(
        "zero3_cpu", tmp_path / "probed", kind, use_cpu=True, gram_source="lora", probe_every=2, **options
    )  # fmt: skip
    plain, _ = launch("zero3_cpu", tmp_path / "plain", kind, use_cpu=True, **options)
    assert_same(probed, plain, atol=1e-7)
    # The same rows, probed by a sweep of autograd.grad in one process a rank.
    _, swept = launch(
        "ddp", tmp_path / "swept", kind, use_cpu=True, gram_source="lora", probe_every=2, probe_method="sweep",
        **options,
    )  # fmt: skip
    for mine, theirs in zip(ranks[0]["probes"], swept[0]["probes"], strict=True):
        assert mine == pytest.approx(theirs, rel=1e-3, abs=1e-6)
