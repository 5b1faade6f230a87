"""Import, --help and the first step, beside trl's command."""

import argparse
from pathlib import Path


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="tiny:llama", help="of the first step")
    parser.add_argument("--rounds", type=int, default=5, help="measured; one more goes before")
    parser.add_argument("--no_first_step", action="store_true", help="imports and help alone")


def run(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.speed.startup import startup
    from pixel.metrics.table import markdown

    repository = Path(__file__).resolve().parents[2]
    result = startup(options.model, options.rounds, repository, not options.no_first_step, options.seed)
    columns = ["median", "least", "most", "processor"]
    rows = [[name, *(taken.get(column) for column in columns)] for name, taken in result["seconds"].items()]
    print(f"\n{markdown(['command, seconds', *columns], rows)}")
    print(
        f"\n{markdown(['Pixel over TRL, processor time', 'ratio'], [list(pair) for pair in result['ratio'].items()])}"
    )
    return result
