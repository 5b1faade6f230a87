"""
Study how objectives are balanced, and whether a run notices its faults, on problems whose answer is known.

    python recipes/study.py toy --output outputs/study
    python recipes/study.py pareto --output outputs/study
    python recipes/study.py pareto --methods sum upgrad torchjd:upgrad --seeds 2 --output outputs/trial
    python recipes/study.py anomalies --output outputs/study
    python recipes/study.py kills --output outputs/study

`toy` follows each method from the starts of the conflict literature and says which reach the Pareto set. `pareto`
measures how much of a known front each method covers over a sweep of preferences. Both write a JSON and figures.
`anomalies` puts faults into small training runs and counts the steps until each is named, and false alarms. `kills`
sends SIGKILL to a run at random moments and compares what comes of it with an unbroken run, to the last bit.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    toy = commands.add_parser("toy", help="two objectives in the plane: who reaches the Pareto set")
    toy.add_argument("--settings", nargs="+", default=["A", "B"], choices=["A", "B"], help="starts and scale of f1")
    toy.add_argument("--fraction", type=float, default=1.0, help="share of the steps, for a trial")
    pareto = commands.add_parser("pareto", help="noisy quadratics with a known front: how much of it is covered")
    pareto.add_argument("--seeds", type=int, default=5, help="problems of each kind, from --seed on")
    pareto.add_argument("--steps", type=int, default=150, help="of each run")
    pareto.add_argument("--objectives", nargs="+", type=int, default=[2, 3], choices=[2, 3])
    pareto.add_argument("--bends", nargs="+", type=float, default=[0.0, 20.0], help="0: convex front; above: bent in")
    anomalies = commands.add_parser("anomalies", help="faults put into a run: caught, named, after how many steps")
    anomalies.add_argument("--clean", type=int, default=10, help="clean runs, for false alarms")
    anomalies.add_argument("--faulty", type=int, default=2, help="runs of each fault")
    kills = commands.add_parser("kills", help="a run killed and resumed beside an unbroken one")
    kills.add_argument("--kills", type=int, default=10, help="how often")
    kills.add_argument("--config", default="recipes/configs/tiny_watched.yaml", help="that logs every step")
    for command in (toy, pareto):
        command.add_argument("--methods", nargs="+", help="by default all; a wrong name lists them")
        command.add_argument("--resume", action="store_true", help="add what the JSON does not hold yet")
    for command in (toy, pareto, anomalies, kills):
        command.add_argument("--seed", type=int, default=0, help="the first of the seeds; the toy draws nothing")
        command.add_argument("--output", type=Path, default=Path("outputs/study"), metavar="DIR", help="where to")
        command.add_argument("--json", type=Path, metavar="FILE", help="by default COMMAND.json in DIR")
        command.add_argument("--no_figures", action="store_true", help="do without matplotlib")
    return parser.parse_args()


def chosen(methods: list[str] | None, known: Iterable[str], default: Iterable[str]) -> list[str]:
    from pixel.training.arguments import SettingError

    if unknown := set(methods or ()) - set(known):
        raise SettingError(f"--methods knows no {', '.join(sorted(unknown))}; the names are {', '.join(known)}")
    return methods or list(default)


def earlier_of(options: argparse.Namespace) -> dict | None:
    return json.loads(options.json.read_text()) if options.resume and options.json.exists() else None


def toy(options: argparse.Namespace) -> dict:
    from tqdm import tqdm

    from pixel.balancing.schedules import SCHEDULES as every_schedule
    from pixel.balancing.weighting import WEIGHTINGS
    from pixel.benchmarks.toy_run import SCHEDULES, toy, toy_markdown
    from pixel.benchmarks.two_objectives import CLOSED_FORMS

    names = chosen(options.methods, [*WEIGHTINGS, *every_schedule], [*CLOSED_FORMS, *SCHEDULES])
    bar = partial(tqdm, unit="run")
    result = toy(names, options.settings, options.fraction, progress=bar, earlier=earlier_of(options))
    print(f"\n{toy_markdown(result)}")
    return result


def toy_figures(result: dict, folder: Path) -> list[Path]:
    from pixel.benchmarks.study_figures import toy_figure

    return [file for setting in result["runs"] for file in toy_figure(result, setting, folder / f"toy_{setting}")]


def pareto(options: argparse.Namespace) -> dict:
    import torch
    from tqdm import tqdm

    from pixel.benchmarks.pareto_run import METHODS, pareto, pareto_markdown

    torch.set_num_threads(1)  # matrices of two or three rows
    result = pareto(
        chosen(options.methods, METHODS, METHODS),
        options.seeds,
        options.steps,
        options.objectives,
        options.bends,
        options.seed,
        progress=partial(tqdm, unit="cell"),
        earlier=earlier_of(options),
    )
    print(f"\n{pareto_markdown(result)}")
    return result


def pareto_figures(result: dict, folder: Path) -> list[Path]:
    from pixel.benchmarks.study_figures import pareto_figure

    return pareto_figure(result, folder / "pareto") or []


def anomalies(options: argparse.Namespace) -> dict:
    import torch

    from pixel.benchmarks.anomaly_injection import anomalies

    torch.set_num_threads(1)
    return anomalies(options)


def kills(options: argparse.Namespace) -> dict:
    from pixel.benchmarks.kill_resume import kill_and_resume, kills_markdown
    from pixel.benchmarks.study_config import read_settings

    recipe = Path(__file__).with_name("train.py")
    steps = read_settings(options.config)["max_steps"]
    command = [str(recipe), "--config", options.config]
    result = kill_and_resume(command, options.output / "kills", steps, options.kills, options.seed)
    print(f"\n{kills_markdown(result)}")
    return result


STUDIES = {
    "toy": (toy, toy_figures),
    "pareto": (pareto, pareto_figures),
    "anomalies": (anomalies, None),
    "kills": (kills, None),
}
"""What a command runs, and what draws its result."""


def main(options: argparse.Namespace) -> None:
    from pixel.training.keeping import write_json

    options.json = options.json or options.output / f"{options.command}.json"
    options.output.mkdir(parents=True, exist_ok=True)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    study, draw = STUDIES[options.command]
    try:
        result = study(options)
        files = [write_json(options.json, result)]
        if draw is not None and not options.no_figures:
            files += draw(result, options.output)
    except ImportError as error:
        sys.exit(f"error: {error}")
    if result.get("missing"):
        print(f"Left out, since something they need is not installed: {', '.join(result['missing'])}")
    print("Written: " + ", ".join(str(file) for file in files))


if __name__ == "__main__":
    options = arguments()
    from pixel.training.command_line import explain

    with explain():
        main(options)
