"""
Measure Pixel: what a training step costs beside TRL's, where turns are best read, how faithful conflict probes are,
how well and how fast passages are found, what the comparison of versions finds and invents, whether the
expert review keeps every rating, how well speech is heard and speakers are known.

    python recipes/benchmark.py step --model embedded:smollm2 --json step.json
    python recipes/benchmark.py readout --data_root data --json readout.json
    python recipes/benchmark.py fidelity --batches 12 --json fidelity.json
    python recipes/benchmark.py aggregators --rounds 6 --json aggregators.json
    python recipes/benchmark.py retrieval --data_root data --json retrieval.json
    python recipes/benchmark.py comparison --pairs 200 --nulls 1000 --json comparison.json
    python recipes/benchmark.py review --reviewers 20 --items 1000 --kills 5 --json review.json
    python recipes/benchmark.py voice --parts words fingerprints drift --data_root data --json voice.json
    python recipes/benchmark.py voice --parts throughput --data_root data --set minutes=10 repeats=5
"""

import argparse
import os
from pathlib import Path

PARTS = ("time", "memory", "packing")
LAYERS = (8, 15, 20, 22, 25, 30)
CORPORA = ("epitome", "goemotions", "emobank", "cssrs", "dreaddit")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    step = commands.add_parser("step", help="time, memory and packing of a training step beside TRL's SFTTrainer")
    step.add_argument("--steps", type=int, default=8, help="measured steps of each variant")
    step.add_argument("--batch_size", type=int, default=2, help="rows a batch")
    step.add_argument("--length", type=int, default=256, help="tokens a row; packed rows have four times as many")
    step.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS, help="what to measure")
    readout = commands.add_parser("readout", help="layer by pooling on labelled corpora, frozen trunk")
    readout.add_argument("--layers", type=int, nargs="+", default=list(LAYERS), help="decoder layers, counted from 1")
    readout.add_argument("--poolings", nargs="+", default=["mean", "last", "mean+last"], help="mean, last, or a+b")
    readout.add_argument("--rows", type=int, default=2000, help="most conversations of either side of a corpus")
    readout.add_argument("--corpora", nargs="+", default=list(CORPORA), help="builders in datasets_scripts")
    readout.add_argument("--max_length", type=int, default=512, help="tokens of a window")
    fidelity = commands.add_parser("fidelity", help="Gram sources beside full-parameter gradients")
    fidelity.add_argument("--batches", type=int, default=12, help="batches compared")
    fidelity.add_argument("--batch_size", type=int, default=2, help="rows a batch")
    fidelity.add_argument("--length", type=int, default=256, help="tokens a row")
    fidelity.add_argument("--warm_up", type=int, default=10, help="training steps before")
    fidelity.add_argument("--depths", type=int, nargs="*", default=[4, 8, 11, 15], help="layers below the fork")
    fidelity.add_argument("--own_passes", nargs="*", default=["sweep", "replicated"], choices=["sweep", "replicated"])
    aggregators = commands.add_parser("aggregators", help="step time of every weighting over the plain sum")
    aggregators.add_argument("--rounds", type=int, default=6, help="measured steps of each weighting")
    aggregators.add_argument("--batch_size", type=int, default=2, help="rows a batch")
    aggregators.add_argument("--length", type=int, default=256, help="tokens a row")
    retrieval = commands.add_parser("retrieval", help="quality on three sets; latency and recall beside raw FAISS")
    retrieval.add_argument("--parts", nargs="+", default=["quality", "latency"], choices=["quality", "latency"])
    retrieval.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="vectors")
    retrieval.add_argument("--queries", type=int, default=200, help="timed at each size")
    retrieval.add_argument("--cache", type=Path, help="folder for embeddings (default: in Pixel's cache)")
    comparison = commands.add_parser("comparison", help="planted changes found, false alarms where nothing changed")
    comparison.add_argument("--pairs", type=int, default=200, help="comparisons of each size and effect")
    comparison.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 1000], help="items a task")
    comparison.add_argument("--effects", type=float, nargs="+", default=[0.03, 0.06, 0.12], help="change in accuracy")
    comparison.add_argument("--nulls", type=int, default=100, help="comparisons in which nothing changed")
    review = commands.add_parser("review", help="the expert review under load, its server killed again and again")
    review.add_argument("--reviewers", type=int, default=20, help="people at once")
    review.add_argument("--items", type=int, default=1000, help="conversations")
    review.add_argument("--overlap", type=int, default=3, help="ratings of each")
    review.add_argument("--kills", type=int, default=5, help="times the server gets SIGKILL")
    voice = commands.add_parser("voice", help="transcription, quality, fingerprints, drift (see --parts)")
    voice.add_argument("--parts", nargs="+", required=True, metavar="PART", help="or `all`; an unknown one lists them")
    voice.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="arguments of the parts, as YAML")
    for command in (step, readout, fidelity, aggregators):
        command.add_argument("--model", default="embedded:smollm2", help="Hub id, folder, or tiny:llama")
    for command in (step, readout, fidelity, aggregators, retrieval, comparison, review, voice):
        command.add_argument("--seed", type=int, default=0)
        command.add_argument("--json", type=Path, help="also write the result here")
    for command in (step, readout, retrieval, voice):
        command.add_argument("--data_root", default=os.environ.get("PIXEL_DATA_ROOT"), help="folder with raw corpora")
    return parser.parse_args()


def step(options: argparse.Namespace) -> dict:
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


def readout(options: argparse.Namespace) -> dict:
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


def fidelity(options: argparse.Namespace) -> dict:
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


def aggregators(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.aggregator_time import aggregator_markdown, aggregator_time

    result = aggregator_time(options.model, options.rounds, options.batch_size, options.length, seed=options.seed)
    print(f"\n{aggregator_markdown(result)}")
    if result["missing"]:
        print(f"Not installed: {', '.join(result['missing'])}.")
    return result


def retrieval(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.retrieval_latency import latency_markdown, retrieval_latency
    from pixel.benchmarks.retrieval_quality import quality_markdown, retrieval_quality
    from pixel.data.errors import ConversationError
    from pixel.hub.packages import cache_home
    from pixel.text.sentence_encoder import default_encoder

    if not options.data_root:
        raise ConversationError("is needed", field="--data_root", mend="name the folder with the raw corpora")
    encoder, cache, result = default_encoder(), options.cache or cache_home() / "embeddings", {}
    if "quality" in options.parts:
        result["quality"] = retrieval_quality(options.data_root, encoder, cache)
        print(f"\n{quality_markdown(result['quality'])}")
    if "latency" in options.parts:
        result["latency"] = retrieval_latency(
            options.data_root, encoder, cache, options.sizes, options.queries, options.seed
        )
        print(f"\n{latency_markdown(result['latency'])}")
    return result


def comparison(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.comparison_power import comparison_power, power_markdown

    result = comparison_power(options.pairs, options.sizes, options.effects, options.nulls, options.seed)
    print(f"\n{power_markdown(result)}")
    return result


def review(options: argparse.Namespace) -> dict:
    from tempfile import TemporaryDirectory

    from pixel.benchmarks.review_load import load_markdown, review_load

    with TemporaryDirectory(prefix="pixel-review-") as folder:
        size = {"reviewers": options.reviewers, "items": options.items, "overlap": options.overlap}
        result = review_load(folder, **size, kills=options.kills, seed=options.seed)
    print(f"\n{load_markdown(result)}")
    return size | result


def voice(options: argparse.Namespace) -> dict:
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


def main(options: argparse.Namespace) -> None:
    from pixel.training.keeping import write_json

    commands = {
        "step": step,
        "readout": readout,
        "fidelity": fidelity,
        "aggregators": aggregators,
        "retrieval": retrieval,
        "comparison": comparison,
        "review": review,
        "voice": voice,
    }
    result = commands[options.command](options)
    if options.json:
        write_json(options.json, result)
        print(f"Written to {options.json}")


if __name__ == "__main__":
    options = arguments()
    from pixel.training.command_line import explain

    with explain():
        main(options)
