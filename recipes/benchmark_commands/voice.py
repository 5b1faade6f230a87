"""Transcription, quality, fingerprints, drift (see --parts)."""

import argparse

from benchmark_commands.shared import add_data_root


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--parts", nargs="+", required=True, metavar="PART", help="or `all`; an unknown one lists them"
    )
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="arguments of the parts, as YAML")
    add_data_root(parser)


def run(options: argparse.Namespace) -> dict:
    import yaml

    from pixel.benchmarks.voice.parts import PARTS, measure
    from pixel.data.errors import ConversationError
    from pixel.metrics.table import markdown

    parts = list(PARTS) if options.parts == ["all"] else options.parts
    if unknown := sorted(set(parts) - set(PARTS)):
        raise ConversationError(
            f"no such part: {' '.join(unknown)}", field="--parts", mend=f"take of {' '.join(PARTS)}, or all"
        )
    given = {name: yaml.safe_load(value) for name, _, value in (one.partition("=") for one in options.set)}
    result = {}
    for part in parts:
        result[part] = measure(part, {"data_root": options.data_root, "seed": options.seed} | given)
        columns = list(dict.fromkeys(name for row in result[part] for name in row))
        print(f"\n## {part}\n\n{markdown(columns, [[row.get(name) for name in columns] for row in result[part]])}")
    return result
