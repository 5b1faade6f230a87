"""Two processes beside one: parameters after training, resume, consolidation, reload."""

import argparse
from pathlib import Path


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ways", nargs="+", help="ddp, zero2, zero3, fsdp2 (default: all that run here)")
    parser.add_argument("--adaptations", nargs="+", default=["full", "lora"], choices=["full", "lora"])
    parser.add_argument("--steps", type=int, default=20, help="optimizer steps; a checkpoint after half of them")
    parser.add_argument("--folder", type=Path, help="kept (default: a temporary one)")


def run(options: argparse.Namespace) -> dict:
    from tempfile import TemporaryDirectory

    from pixel.benchmarks.distributed.rank_equality import WAYS, rank_equality, rank_equality_markdown

    with TemporaryDirectory(prefix="pixel-ranks-") as folder:
        rows = rank_equality(
            options.folder or Path(folder),
            options.ways or tuple(WAYS),
            options.adaptations,
            options.steps,
            options.seed,
        )
    print(f"\n{rank_equality_markdown(rows)}")
    return {"rows": rows}
