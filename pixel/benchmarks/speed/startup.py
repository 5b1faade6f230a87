"""How long one waits: for imports, for `--help`, for the first training step; beside TRL's own, in turn."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tqdm.auto import tqdm

from pixel.benchmarks.speed.ratios import median_ratio

FIRST_STEP = {"max_steps": 1, "per_device_train_batch_size": 2, "max_length": 128, "seed": 0}
PAIRS = {
    "import": ("import PixelTrainer", "import SFTTrainer"),
    "help": ("train.py --help", "trl sft --help"),
    "predict help": ("predict.py --help", "trl sft --help"),
    "first step": ("train.py, first step", "trl sft, first step"),
}
"""What is compared with what of TRL's."""


@dataclass
class Taken:
    """Seconds of one process: on the clock, and of processors (its children's too)."""

    wall: float
    processor: float


def startup(
    model: str = "tiny:llama", rounds: int = 5, repository: Path | str = ".", first_step: bool = True, seed: int = 0
) -> dict[str, Any]:
    """
    Medians of every command over rounds in which each is run once, in shuffled order.

    The first step: one optimizer step on the same conversations and the same network (saved as a plain causal language
    model for TRL), a model folder written at the end by both; Pixel's recipe writes its report too.

    Args:
        model: of the first step; see `pixel.training.ModelArguments`.
        rounds: measured rounds; one more goes before, to fill the caches of files.
        repository: where `recipes/` is.
        first_step: also measure that; the longest part.
        seed: of the order.

    Returns:
        `seconds` (`median`, `least`, `most`, `processor`: median processor seconds) by command, and `ratio` by pair:
        the median over the rounds of Pixel over TRL, with its 95 percent bootstrap interval, of processor time.

    Raises:
        RuntimeError: a command failed; with the end of what it said.
    """
    repository, order = Path(repository).resolve(), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        commands = commands_of(repository, Path(folder), model if first_step else None)
        taken: dict[str, list[Taken]] = {name: [] for name in commands}
        bar = tqdm(total=(rounds + 1) * len(commands), desc="Starting processes")
        for number in range(rounds + 1):
            for name in order.sample(list(commands), len(commands)):
                one = run(commands[name], repository)
                if number:
                    taken[name].append(one)
                bar.update()
        bar.close()
    seconds = {
        name: {
            "median": median(x.wall for x in all_),
            "least": min(x.wall for x in all_),
            "most": max(x.wall for x in all_),
            "processor": median(x.processor for x in all_),
        }
        for name, all_ in taken.items()
    }
    ratio = {}
    for pair, (ours, theirs) in PAIRS.items():
        if ours in taken:
            sides = [[x.processor for x in taken[name]] for name in (ours, theirs)]
            ratio[pair] = median_ratio(*sides, seed=seed)
    return {"ratio": ratio, "seconds": seconds, "rounds": rounds, "model": model, "processors": os.cpu_count()}


def commands_of(repository: Path, folder: Path, model: str | None) -> dict[str, list[str]]:
    """Command lines by name; with a model also those of the first step, whose data and network are written here."""
    recipes, trl = repository / "recipes", Path(sys.executable).with_name("trl")
    commands = {
        "import pixel": [sys.executable, "-c", "import pixel"],
        "import PixelTrainer": [sys.executable, "-c", "from pixel import PixelTrainer"],
        "import SFTTrainer": [sys.executable, "-c", "from trl import SFTTrainer"],
        "train.py --help": [sys.executable, str(recipes / "train.py"), "--help"],
        "predict.py --help": [sys.executable, str(recipes / "predict.py"), "--help"],
        "trl sft --help": [str(trl), "sft", "--help"],
    }
    if model is None:
        return commands
    plain = _write_plain_model(model, folder / "plain")
    data = _write_conversations(folder / "data")
    shared = [f"--{name}={value}" for name, value in FIRST_STEP.items()]
    shared += ["--report_to=none", "--save_strategy=no"]
    ours = ["--corpora", "seed", f"--model_name_or_path={model}", f"--output_dir={folder / 'pixel'}"]
    theirs = [f"--model_name_or_path={plain}", f"--dataset_name={data}", f"--output_dir={folder / 'trl'}"]
    theirs += ["--use_cpu=true", "--bf16=false", "--packing=false", "--gradient_checkpointing=false"]
    commands["train.py, first step"] = [sys.executable, str(recipes / "train.py"), *ours, *shared]
    commands["trl sft, first step"] = [str(trl), "sft", *theirs, *shared]
    return commands


def run(command: list[str], repository: Path) -> Taken:
    """Run a command to its end, alone in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(repository), "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    started, before = time.perf_counter(), os.times()
    done = subprocess.run(command, env=environment, cwd=repository, capture_output=True, text=True)
    wall, after = time.perf_counter() - started, os.times()
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])}: status {done.returncode}: {done.stderr.strip()[-500:]}")
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Taken(wall, used)


def _write_plain_model(model: str, folder: Path) -> Path:
    """The network without heads, as TRL takes it."""
    from pixel.models.export import export_backbone
    from pixel.training import ModelArguments, load_pixel

    tokenizer, network = load_pixel(ModelArguments(model_name_or_path=model))
    return export_backbone(network, folder, tokenizer)


def _write_conversations(folder: Path) -> Path:
    """The seed corpus's messages as JSON lines, which is all that TRL reads."""
    from pixel.data.seed import load_seed

    folder.mkdir(parents=True)
    rows = load_seed(0.0)["train"].select_columns(["messages"])
    text = "".join(json.dumps({"messages": row["messages"]}) + "\n" for row in rows)
    (folder / "train.jsonl").write_text(text, encoding="utf-8")
    return folder
