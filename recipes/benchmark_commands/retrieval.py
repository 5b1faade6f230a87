"""Quality on three sets; latency and recall beside raw FAISS."""

import argparse
from pathlib import Path

from benchmark_commands.shared import add_data_root


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--parts", nargs="+", default=["quality", "latency"], choices=["quality", "latency"])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="vectors")
    parser.add_argument("--queries", type=int, default=200, help="timed at each size")
    parser.add_argument("--cache", type=Path, help="folder for embeddings (default: in Pixel's cache)")
    add_data_root(parser)


def run(options: argparse.Namespace) -> dict:
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
