"""The expert review under load, its server killed again and again."""

import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reviewers", type=int, default=20, help="people at once")
    parser.add_argument("--items", type=int, default=1000, help="conversations")
    parser.add_argument("--overlap", type=int, default=3, help="ratings of each")
    parser.add_argument("--kills", type=int, default=5, help="times the server gets SIGKILL")


def run(options: argparse.Namespace) -> dict:
    from tempfile import TemporaryDirectory

    from pixel.benchmarks.review_load import load_markdown, review_load

    with TemporaryDirectory(prefix="pixel-review-") as folder:
        size = {"reviewers": options.reviewers, "items": options.items, "overlap": options.overlap}
        result = review_load(folder, **size, kills=options.kills, seed=options.seed)
    print(f"\n{load_markdown(result)}")
    return size | result
