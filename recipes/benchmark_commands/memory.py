"""Where the memory of a training step is, whether it leaks, and what would save some."""

import argparse

from benchmark_commands.shared import add_model


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--batch_size", type=int, default=2, help="rows a batch")
    parser.add_argument("--length", type=int, default=256, help="tokens a row")
    parser.add_argument("--lora_rank", type=int, default=16, help="0 trains every weight")
    parser.add_argument("--leak_steps", type=int, default=0, help="steps watched for a leak, 8 or more")
    parser.add_argument("--snapshot", help="file for CUDA's record of allocations")
    add_model(parser)


def run(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.memory_profile import memory_profile
    from pixel.metrics.table import markdown

    size = {"rank": options.lora_rank, "batch_size": options.batch_size, "length": options.length}
    result = memory_profile(
        options.model, **size, leak_steps=options.leak_steps, seed=options.seed, snapshot=options.snapshot
    )
    kinds = ["weights", "gradients", "optimizer", "activations"]
    rows = [[name, *(sizes.get(kind) for kind in kinds)] for name, sizes in result["components"].items()]
    print(f"\n{markdown(['component, MiB', *kinds], rows)}")
    rows = [[name, value] for name, value in result.items() if name not in ("components", "suggestions")]
    print(f"\n{markdown(['', ''], rows)}")
    print("\n".join(f"- {line}" for line in result["suggestions"]))
    return result
