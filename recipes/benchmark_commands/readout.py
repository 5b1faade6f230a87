"""Layer by pooling on labelled corpora, frozen trunk."""

import argparse

from benchmark_commands.shared import add_data_root, add_model

LAYERS = (8, 15, 20, 22, 25, 30)
CORPORA = ("epitome", "goemotions", "emobank", "cssrs", "dreaddit")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--layers", type=int, nargs="+", default=list(LAYERS), help="decoder layers, counted from 1")
    parser.add_argument("--poolings", nargs="+", default=["mean", "last", "mean+last"], help="mean, last, or a+b")
    parser.add_argument("--rows", type=int, default=2000, help="most conversations of either side of a corpus")
    parser.add_argument("--corpora", nargs="+", default=list(CORPORA), help="builders in datasets_scripts")
    parser.add_argument("--max_length", type=int, default=512, help="tokens of a window")
    add_model(parser)
    add_data_root(parser)


def run(options: argparse.Namespace) -> dict:
    from datasets_scripts import load_corpus
    from pixel.benchmarks.readout_layers import readout_layers, readout_markdown
    from pixel.training import ModelArguments, load_pixel

    corpora = {}
    for name in options.corpora:
        splits = load_corpus(name, options.data_root, seed=options.seed)
        corpora[name] = tuple(
            splits[part].shuffle(seed=options.seed).select(range(min(len(splits[part]), options.rows)))
            for part in ("train", "validation")
        )
    tokenizer, network = load_pixel(ModelArguments(model_name_or_path=options.model))
    result = readout_layers(
        network, tokenizer, corpora, options.layers, options.poolings, options.max_length, options.seed
    )
    print(f"\n{readout_markdown(result)}")
    return {"model": options.model, "rows": options.rows} | result
