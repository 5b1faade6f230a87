"""Faults on purpose, from SIGKILL to a Hub that is gone, and what the run makes of each."""

import argparse
from pathlib import Path


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, default=Path("outputs/faults"), help="rows are kept; it resumes there")
    parser.add_argument("--only", default="", help="kinds whose name holds these words")
    parser.add_argument("--jobs", type=int, default=1, help="runs side by side")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds for one run")
    parser.add_argument("--keep", action="store_true", help="the output folders of runs that went well too")


def run(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.faults.round import fault_round, faults_markdown

    rows = fault_round(options.folder, options.seed, options.only, options.jobs, options.limit, options.keep)
    print(f"\n{faults_markdown(rows)}")
    return {"rows": rows}
