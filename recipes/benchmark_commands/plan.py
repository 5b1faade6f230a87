"""Planned beside measured peak memory, on small models and under ZeRO-3."""

import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", nargs="+", help="names of models (default: all)")
    parser.add_argument("--rows", type=int, default=2, help="of a batch")
    parser.add_argument("--zero3", action="store_true", help="also two CPU processes under ZeRO-3; needs DeepSpeed")


def run(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.plan_error import plan_error
    from pixel.metrics.table import markdown

    result = plan_error(rows=options.rows, only=options.only)
    columns = list(dict.fromkeys(name for row in result["rows"] for name in row))
    print(f"\n{markdown(columns, [[row.get(name) for name in columns] for row in result['rows']])}")
    print({name: value for name, value in result.items() if name != "rows"})
    if options.zero3:
        from pixel.benchmarks.peak_sharded import peak_sharded

        result["zero3"] = peak_sharded()
        print(f"Under ZeRO-3, two processes: {result['zero3']}")
    return result
