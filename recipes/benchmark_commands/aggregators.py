"""Step time of every weighting over the plain sum."""

import argparse

from benchmark_commands.shared import add_model


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=6, help="measured steps of each weighting")
    parser.add_argument("--batch_size", type=int, default=2, help="rows a batch")
    parser.add_argument("--length", type=int, default=256, help="tokens a row")
    add_model(parser)


def run(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.aggregator_time import aggregator_markdown, aggregator_time

    result = aggregator_time(options.model, options.rounds, options.batch_size, options.length, seed=options.seed)
    print(f"\n{aggregator_markdown(result)}")
    if result["missing"]:
        print(f"Not installed: {', '.join(result['missing'])}.")
    return result
