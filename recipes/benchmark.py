"""
Measure Pixel: what a training step costs beside TRL's, where turns are best read, how faithful conflict probes are,
how well and how fast passages are found, what the comparison of versions finds and invents, whether the
expert review keeps every rating, how well speech is heard and speakers are known; and whether training survives:
processes beside one another, broken checkpoints, faults, memory as planned, speed and start-up beside TRL's.

    python recipes/benchmark.py step --model embedded:smollm2 --json step.json
    python recipes/benchmark.py readout --data_root data --json readout.json
    python recipes/benchmark.py fidelity --batches 12 --json fidelity.json
    python recipes/benchmark.py aggregators --rounds 6 --json aggregators.json
    python recipes/benchmark.py retrieval --data_root data --json retrieval.json
    python recipes/benchmark.py comparison --pairs 200 --nulls 1000 --json comparison.json
    python recipes/benchmark.py review --reviewers 20 --items 1000 --kills 5 --json review.json
    python recipes/benchmark.py voice --parts words fingerprints drift --data_root data --json voice.json
    python recipes/benchmark.py ranks --json ranks.json
    python recipes/benchmark.py checkpoints --parts flips kills
    python recipes/benchmark.py faults --folder outputs/faults
    python recipes/benchmark.py throughput --data_root data
    python recipes/benchmark.py voice --parts throughput --data_root data --set minutes=10 repeats=5
"""

import argparse
from importlib import import_module
from pathlib import Path

COMMANDS = (
    "step", "throughput", "startup", "components", "memory", "plan", "ranks", "checkpoints", "faults", "gpu",
    "readout", "fidelity", "aggregators", "retrieval", "comparison", "review", "voice",
)  # fmt: skip


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        module = import_module(f"benchmark_commands.{name}")
        said = " ".join(module.__doc__.split())
        command = commands.add_parser(name, help=said.split(". ")[0].rstrip("."), description=said)
        module.add_options(command)
        command.add_argument("--seed", type=int, default=0)
        command.add_argument("--json", type=Path, help="also write the result here")
        command.set_defaults(run=module.run)
    return parser.parse_args()


def main(options: argparse.Namespace) -> None:
    from pixel.training.keeping import write_json

    result = options.run(options)
    if options.json:
        write_json(options.json, result)
        print(f"Written to {options.json}")


if __name__ == "__main__":
    options = arguments()
    from pixel.training.command_line import explain

    with explain():
        main(options)
