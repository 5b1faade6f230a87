"""
Look at training runs: list them, hold them side by side, ask where one came from, draw a dashboard.

    python recipes/runs.py list outputs
    python recipes/runs.py compare outputs/first outputs/second --output comparison.html --fail_on_regression
    python recipes/runs.py lineage outputs/second
    python recipes/runs.py dashboard outputs/second --output dashboard

A run is the output_dir of recipes/train.py; nothing but its files is read (lineage.json, metrics.json, history.json or
the newest checkpoint), so no tracker and no network is needed. `compare` holds the others against the first.
`dashboard` writes index.html, dashboard.json (sections and panels, for W&B and trackio) and, with --entity, makes the
W&B workspace.

Exit status with --fail_on_regression: 2 where a figure lies on the worse side of the first run's interval.
"""

import argparse
import json
import sys
from pathlib import Path


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="the runs in a folder and below")
    listing.add_argument("folder", type=Path)
    comparing = commands.add_parser("compare", help="runs side by side")
    comparing.add_argument("runs", type=Path, nargs="+")
    comparing.add_argument("--output", type=Path, help="page to write, with the curves over each other")
    comparing.add_argument("--json", type=Path, help="the same as numbers")
    comparing.add_argument("--least", type=float, default=0.0, help="smallest difference that counts (default: 0)")
    comparing.add_argument("--fail_on_regression", action="store_true", help="exit with status 2 if anything is worse")
    asking = commands.add_parser("lineage", help="where a run came from")
    asking.add_argument("run", type=Path)
    drawing = commands.add_parser("dashboard", help="panels as code, and a page")
    drawing.add_argument("runs", type=Path, nargs="*", help="runs to draw, whose panels are named one by one")
    drawing.add_argument("--output", type=Path, required=True, help="folder for index.html and dashboard.json")
    drawing.add_argument("--project", default="pixel", help="in the tracker (default: pixel)")
    drawing.add_argument("--entity", help="create the W&B workspace for this user or team (needs its server)")
    chosen = parser.parse_args(arguments)
    if chosen.command == "compare" and len(chosen.runs) < 2:
        parser.error("compare takes at least two runs")
    return chosen


def list_runs(folder: Path) -> int:
    from pixel.metrics.table import markdown
    from pixel.tracking.registry import find_runs

    rows = []
    for run in find_runs(folder):
        figures, code = run.figures(), run.lineage.get("code") or {}
        held = figures.get("held out/relative_loss") or figures.get("held out/loss") or {}
        revision = (code.get("revision") or "")[:8] + ("+" if code.get("dirty") else "")
        steps = f"{run.step} of {run.max_steps}" if run.max_steps else str(run.step)
        place = str(run.folder.relative_to(folder)) if run.folder != folder else run.name
        rows.append([place, run.lineage.get("started"), steps, held.get("value"), revision or None])
    print(markdown(["run", "started", "steps", "held-out loss", "code"], rows))
    return 0


def compare(chosen: argparse.Namespace) -> int:
    from pixel.data.whole_files import write_in_one_step
    from pixel.metrics.table import markdown
    from pixel.tracking.comparison import compare_runs
    from pixel.tracking.page import write_page
    from pixel.tracking.registry import read_run

    runs = [read_run(folder) for folder in chosen.runs]
    said = compare_runs(runs, chosen.least)
    for heading in ("settings", "data", "code"):
        if said[heading]:
            print(f"\n{heading} that differ\n")
            rows = [[name, *(_short(value) for value in values)] for name, values in said[heading].items()]
            print(markdown(["", *said["runs"]], rows))
    print("\nfigures\n")
    print(markdown(["", *said["runs"], ""], [_row(row) for row in said["figures"]]))
    if chosen.output:
        title = " beside ".join(said["runs"])
        print(f"\n{write_page(chosen.output, runs, said, title)}")
    if chosen.json:
        write_in_one_step(chosen.json, json.dumps(said, indent=1, default=str) + "\n")
    print(f"\n{len(said['regressed'])} figures are worse: {', '.join(said['regressed']) or 'none'}")
    return 2 if chosen.fail_on_regression and said["regressed"] else 0


def lineage(folder: Path) -> int:
    from pixel.tracking.registry import read_run
    from pixel.tracking.settings import TrackingError

    said = read_run(folder).lineage
    if not said:
        raise TrackingError(
            f"{folder}: there is no lineage.json. Mend: runs of this version write one when they start"
        )
    print(json.dumps(said, indent=1, ensure_ascii=False))
    return 0


def dashboard(chosen: argparse.Namespace) -> int:
    from pixel.data.whole_files import write_in_one_step
    from pixel.tracking.comparison import compare_runs
    from pixel.tracking.dashboards import dashboard as panels
    from pixel.tracking.dashboards import wandb_workspace
    from pixel.tracking.page import write_page
    from pixel.tracking.registry import logged_names, read_run

    runs = [read_run(folder) for folder in chosen.runs]
    said = panels(chosen.project, logged_names(runs))
    print(write_in_one_step(chosen.output / "dashboard.json", json.dumps(said, indent=1) + "\n"))
    if runs:
        print(write_page(chosen.output / "index.html", runs, compare_runs(runs), chosen.project))
    if chosen.entity:
        print(wandb_workspace(said, chosen.entity).save().url)
    order = said["trackio"]["TRACKIO_PLOT_ORDER"]
    print(f'TRACKIO_PLOT_ORDER="{order}" trackio show --project {chosen.project}')
    return 0


def _row(row: dict) -> list:
    cells = []
    for value, interval in zip(row["values"], row["intervals"], strict=True):
        cells.append(
            None if value is None else f"{value:.4g}" + (" [{:.3g}, {:.3g}]".format(*interval) if interval else "")
        )
    return [row["name"], *cells, ", ".join(verdict for verdict in row["verdicts"] if verdict)]


def _short(value) -> str | None:
    return None if value is None else str(value) if len(str(value)) <= 40 else f"{str(value)[:37]}..."


def main(chosen: argparse.Namespace) -> int:
    if chosen.command == "list":
        return list_runs(chosen.folder)
    if chosen.command == "lineage":
        return lineage(chosen.run)
    return compare(chosen) if chosen.command == "compare" else dashboard(chosen)


if __name__ == "__main__":
    chosen = options()
    from pixel.tracking.settings import TrackingError

    try:
        sys.exit(main(chosen))
    except TrackingError as error:
        sys.exit(f"error: {error}")
