"""Gram sources beside full-parameter gradients."""

import argparse

from benchmark_commands.shared import add_model


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--batches", type=int, default=12, help="batches compared")
    parser.add_argument("--batch_size", type=int, default=2, help="rows a batch")
    parser.add_argument("--length", type=int, default=256, help="tokens a row")
    parser.add_argument("--warm_up", type=int, default=10, help="training steps before")
    parser.add_argument("--depths", type=int, nargs="*", default=[4, 8, 11, 15], help="layers below the fork")
    parser.add_argument("--own_passes", nargs="*", default=["sweep", "replicated"], choices=["sweep", "replicated"])
    add_model(parser)


def run(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.gram_fidelity import fidelity_markdown, gram_fidelity

    result = gram_fidelity(
        options.model,
        options.batches,
        options.batch_size,
        options.length,
        options.warm_up,
        options.seed,
        options.depths,
        options.own_passes,
    )
    print(f"\n{fidelity_markdown(result)}")
    return result
