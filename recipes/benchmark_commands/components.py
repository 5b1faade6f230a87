"""Latency, rate and memory of every head and component of a training step."""

import argparse

from benchmark_commands.shared import add_model


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--repeats", type=int, default=8, help="rounds that count")
    parser.add_argument("--batch_size", type=int, default=2, help="rows a batch")
    parser.add_argument("--length", type=int, default=256, help="tokens a row")
    parser.add_argument("--lora_rank", type=int, default=16, help="0 trains every weight")
    add_model(parser)


def run(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.components import components
    from pixel.metrics.table import markdown

    size = {"batch_size": options.batch_size, "length": options.length, "rank": options.lora_rank}
    result = components(options.model, options.repeats, **size, seed=options.seed)
    columns = list(dict.fromkeys(name for row in result["parts"] for name in row))
    print(f"\n{markdown(columns, [[row.get(name) for name in columns] for row in result['parts']])}")
    print(f"A step takes {result['step_ms']} ms, its parts {result['sum_ms']}; covered: {result['covered']}")
    return result
