"""Planted changes found, false alarms where nothing changed."""

import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pairs", type=int, default=200, help="comparisons of each size and effect")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 1000], help="items a task")
    parser.add_argument("--effects", type=float, nargs="+", default=[0.03, 0.06, 0.12], help="change in accuracy")
    parser.add_argument("--nulls", type=int, default=100, help="comparisons in which nothing changed")


def run(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.comparison_power import comparison_power, power_markdown

    result = comparison_power(options.pairs, options.sizes, options.effects, options.nulls, options.seed)
    print(f"\n{power_markdown(result)}")
    return result
