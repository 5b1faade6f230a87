"""Time, memory and packing of a training step beside TRL's SFTTrainer."""

import argparse

from benchmark_commands.shared import add_data_root, add_model

PARTS = ("time", "memory", "packing")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", type=int, default=8, help="measured steps of each variant")
    parser.add_argument("--batch_size", type=int, default=2, help="rows a batch")
    parser.add_argument("--length", type=int, default=256, help="tokens a row; packed rows have four times as many")
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS, help="what to measure")
    add_model(parser)
    add_data_root(parser)


def run(options: argparse.Namespace) -> dict:
    from datasets_scripts import load_corpus
    from pixel.benchmarks.packing_rate import packing_rate
    from pixel.benchmarks.step_memory import step_memory
    from pixel.benchmarks.step_time import step_time
    from pixel.data.seed import load_seed
    from pixel.metrics.table import markdown

    size = {"batch_size": options.batch_size, "seed": options.seed}
    result = {"model": options.model, "ratio": {}, "seconds": {}}
    if "time" in options.parts:
        result |= step_time(options.model, options.steps, length=options.length, **size)
    if "memory" in options.parts:
        memory = step_memory(options.model, length=options.length, **size)
        result["ratio"]["memory"] = memory["ratio"]["upgrad"]
        result["memory"] = memory
    if "packing" in options.parts:
        source = "empatheticdialogues" if options.data_root else "seed"
        rows = load_corpus(source, options.data_root)["train"] if options.data_root else load_seed(0.0)["train"]
        rows = rows.shuffle(seed=options.seed).select(range(min(len(rows), 2000)))
        packed = {"length": 2 * options.length, "batch_size": 2 * options.batch_size, "seed": options.seed}
        packing = packing_rate(options.model, rows, **packed) | {"conversations": source}
        result["ratio"]["packing"] = packing["ratio"]
        result["packing"] = packing
    rows = [[name, ratio, result["seconds"].get(name)] for name, ratio in result["ratio"].items()]
    rows = [["trl", 1.0, result["seconds"].get("trl")], *rows]
    print(f"\n{markdown(['Pixel over TRL', 'ratio', 'seconds a step'], rows)}")
    if "packing" in result:
        print(f"Packing (more is better) was measured on lengths of {result['packing']['conversations']}.")
    return result
