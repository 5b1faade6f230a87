"""On a GPU: bfloat16 training beside plain TRL, tokens a second and MFU, ZeRO-3 on one device."""

import argparse
from pathlib import Path


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=10, help="measured steps of every way")
    parser.add_argument("--length", type=int, default=4096, help="tokens of a packed row")
    parser.add_argument("--rows", type=int, default=2, help="packed rows a step")
    parser.add_argument("--seconds", type=float, default=480.0, help="no new round begins after so many")
    parser.add_argument("--no_zero3", action="store_true", help="leave the run under ZeRO-3 out")


def run(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.speed.gpu import gpu

    size = {"rounds": options.rounds, "length": options.length, "rows": options.rows, "seconds": options.seconds}
    repository = Path(__file__).resolve().parents[2]
    result = gpu(**size, zero3=not options.no_zero3, output=options.json, repository=repository, seed=options.seed)
    print(result)
    return result
