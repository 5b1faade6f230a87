"""Real tokens a second beside plain TRL, and what each optimisation is worth."""

import argparse

from benchmark_commands.shared import add_data_root, add_model


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=6, help="measured steps of every variant")
    parser.add_argument("--length", type=int, default=512, help="tokens of a packed row")
    parser.add_argument("--rows", type=int, default=4, help="packed rows a micro-batch")
    parser.add_argument("--lora_rank", type=int, default=16, help="0 trains every weight")
    parser.add_argument("--variants", nargs="+", help="of pixel.benchmarks.speed.variants (default: all)")
    add_model(parser)
    add_data_root(parser)


def run(options: argparse.Namespace) -> dict:
    from datasets_scripts import load_corpus
    from pixel.benchmarks.speed.throughput import throughput
    from pixel.benchmarks.speed.variants import VARIANTS
    from pixel.data.seed import load_seed
    from pixel.metrics.table import markdown

    source = "empatheticdialogues" if options.data_root else "seed"
    rows = load_corpus(source, options.data_root)["train"] if options.data_root else load_seed(0.0)["train"]
    rows = rows.shuffle(seed=options.seed).select(range(min(len(rows), 2000)))
    size = {"rounds": options.rounds, "length": options.length, "rows": options.rows, "seed": options.seed}
    names = options.variants or tuple(VARIANTS)
    result = throughput(options.model, rows, names=names, lora_rank=options.lora_rank, **size)
    result["conversations"] = source
    table = [
        [name, result["tokens_per_second"][name], result["padding"].get(name), result["over"].get(name)]
        for name in result["tokens_per_second"]
    ]
    print(f"\n{markdown(['variant', 'real tokens a processor second', 'padding', 'over Pixel'], table)}")
    print(f"Pixel over the best of TRL ({result['best_trl']}), on lengths of {source}: {result['ratio']}")
    return result
