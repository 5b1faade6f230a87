"""Broken checkpoints that are found, kills while one is saved, and the time that saving takes."""

import argparse

PARTS = ("flips", "kills", "time")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS, help="what to measure")
    parser.add_argument("--faults", type=int, default=1000, help="flips and truncations of single files")
    parser.add_argument("--every", type=int, default=1, help="kill at each so-many-th thing done on the disk")
    parser.add_argument("--model", default="embedded:smollm2", help="whose saving is timed")
    parser.add_argument("--repeats", type=int, default=3, help="saves of each way")


def run(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.checkpoint_flips import checkpoint_flips
    from pixel.benchmarks.save_kills import save_kills
    from pixel.benchmarks.save_time import save_time
    from pixel.metrics.table import markdown

    result = {}
    if "flips" in options.parts:
        flips = result["flips"] = checkpoint_flips(options.faults, options.seed)
        kinds = sorted({kind for tried in flips["files"].values() for kind in tried})
        rows = [[name, *(tried.get(kind) for kind in kinds)] for name, tried in sorted(flips["files"].items())]
        print(f"\n{markdown(['file', *kinds], rows)}")
        print(f"{flips['detected']} of {flips['faults']} found; {flips['false_alarms']} false alarms.")
    if "kills" in options.parts:
        kills = result["kills"] = save_kills(options.every)
        print(f"\n{markdown(['', ''], [[name, value] for name, value in kills.items()])}")
    if "time" in options.parts:
        time = result["time"] = save_time(options.model, options.repeats)
        print(
            f"\n{markdown(['seconds, but bytes', ''], [[k, v] for k, v in time.items() if not isinstance(v, list)])}"
        )
    return result
