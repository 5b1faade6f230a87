"""Options that several benchmarks take."""

import argparse
import os


def add_model(parser: argparse.ArgumentParser) -> None:
    """`--model`."""
    parser.add_argument("--model", default="embedded:smollm2", help="Hub id, folder, or tiny:llama")


def add_data_root(parser: argparse.ArgumentParser) -> None:
    """`--data_root`, for real corpora."""
    parser.add_argument("--data_root", default=os.environ.get("PIXEL_DATA_ROOT"), help="folder with raw corpora")
