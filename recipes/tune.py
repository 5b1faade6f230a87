"""
Search loss weights, schedule, gradient weighting and learning rate with Optuna, on a frozen trunk.

    python recipes/tune.py --config recipes/configs/real_corpora_shared.yaml --data_root FOLDER
    python recipes/tune.py --config ... --trials 100 --workers 4 --pruner hyperband
    python recipes/tune.py --config ... --objectives pareto --sampler nsga2
    python recipes/tune.py --config ... --tune weights --study_name weights     # tuned fixed weights alone

Trials are chosen by cross-validation over people inside the training turns (--folds), or with --folds 1 on one half of
the held-out people, which is quicker and carries over less. The first trial is the config as it is. Killed and started
again with the same options, it goes on: no finished trial is lost, and the one under way starts afresh.
Search at the budget that you will train with: what wins short trials (--max_steps), a high learning rate above all,
can lose long ones. At the end the winner and the defaults are trained again with new seeds and compared on the
held-out people that chose nothing.
Writes to OUTPUT_DIR/STUDY_NAME: best.yaml (for recipes/train.py), tuned.yaml (its settings alone, for
recipes/ablate.py --best), tuning.json, and figures.html. Needs: pip install "pixel-eq[tune,plots]".
"""

import argparse
import os
from functools import partial
from pathlib import Path

PARTS = ("weights", "field_weights", "schedule", "weighting", "learning_rate", "dropout")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="recipes/configs/real_corpora_shared.yaml", help="YAML of a frozen run")
    parser.add_argument("--data_root", default=os.environ.get("PIXEL_DATA_ROOT"), help="folder with raw corpora")
    parser.add_argument("--corpora", nargs="+", help="instead of the config's")
    parser.add_argument("--max_steps", type=int, help="of each trial, instead of the config's")
    parser.add_argument("--trials", type=int, default=30, help="finished trials wanted, earlier ones counted")
    parser.add_argument("--workers", type=int, default=1, help="processes on this study")
    parser.add_argument("--tune", nargs="+", default=PARTS, choices=PARTS, help="what to search (default: all)")
    parser.add_argument("--schedules", nargs="+", help="among which to search (default: all)")
    parser.add_argument("--weightings", nargs="+", help="among which to search (default: all)")
    parser.add_argument("--objectives", default="single", choices=("single", "pareto"), help="mean score, or each one")
    parser.add_argument("--sampler", default="tpe", choices=("tpe", "nsga2", "random"), help="what suggests")
    parser.add_argument(
        "--pruner", default="median", choices=("median", "hyperband", "none"),
        help="what gives trials up; hyperband shares trials out over brackets and wants 60 or more",
    )  # fmt: skip
    parser.add_argument("--folds", type=int, default=3, help="trainings of a trial, each measured on other people")
    parser.add_argument("--validations", type=int, default=5, help="of a trial on the way, with --folds 1")
    parser.add_argument("--seed", type=int, default=0, help="of every trial and of the sampler")
    parser.add_argument("--seeds", type=int, default=3, help="new seeds for the comparison on held-out people")
    parser.add_argument("--output_dir", type=Path, default=Path("outputs/tuning"), help="where studies are kept")
    parser.add_argument("--storage", help="database URL (default: sqlite in OUTPUT_DIR)")
    parser.add_argument("--study_name", default="pixel", help="of the study in its storage")
    return parser.parse_args()


def prepare(options: argparse.Namespace):
    """The frozen study, the space, and Optuna's study with its objective. Every worker process calls this."""
    from datasets_scripts.mixture import load_mixture
    from pixel.benchmarks.group_folds import group_folds, reporting_on_all
    from pixel.benchmarks.study_config import load_study
    from pixel.benchmarks.tuning.installed import optuna
    from pixel.benchmarks.tuning.objective import Objective, measured_objectives
    from pixel.benchmarks.tuning.space import Space
    from pixel.benchmarks.tuning.store import open_study
    from pixel.models.labels import OBJECTIVES
    from pixel.training.arguments import SettingError

    optuna()  # says what to install before minutes are spent on loading
    frozen = load_study(options.config, load_mixture, **changes(options))
    steps = frozen.settings.get("max_steps", -1)
    if steps < 1:
        raise SettingError(f"{options.config}: trials need a budget. Mend: set max_steps")
    if not frozen.held_out["tune"] or not frozen.held_out["test"]:
        raise SettingError(f"{options.config}: too few people are held out. Mend: more corpora, or more validation")
    labelled = frozen.train.objectives()
    space = Space(
        frozen.settings,
        frozen.network.config.head_dropout,
        [name for name in OBJECTIVES[1:] if name in labelled and labelled[name].any()],
        options.tune,
        options.schedules,
        options.weightings,
    )
    if options.folds > 1:
        studies, frozen, steps, every = group_folds(frozen, options.folds), reporting_on_all(frozen), options.folds, 1
    else:
        studies, every = [frozen], max(1, steps // (options.validations + 1)) if options.validations > 0 else 0
    names = measured_objectives(studies[0]) if options.objectives == "pareto" else None
    terms = {"space": space.describe(), "settings": frozen.settings, "seed": options.seed, "objectives": names}
    terms["folds"] = options.folds
    terms["conversations"] = [len(frozen.train), len(frozen.order)]
    options.output_dir.mkdir(parents=True, exist_ok=True)
    storage = options.storage or f"sqlite:///{options.output_dir.resolve() / 'studies.db'}"
    study = open_study(
        storage, options.study_name, terms, options.sampler, options.pruner, options.seed, names, steps, every
    )
    return frozen, space, study, Objective(studies, space, options.seed, every, names)


def for_worker(options: argparse.Namespace):
    """What a worker process works with."""
    return prepare(options)[2:]


def changes(options: argparse.Namespace) -> dict:
    """Options in place of the config's."""
    given = {"max_steps": options.max_steps, "corpora": options.corpora, "data_root": options.data_root}
    return {name: value for name, value in given.items() if value is not None}


def main(options: argparse.Namespace) -> None:
    from pixel.benchmarks.study_config import read_settings
    from pixel.benchmarks.tuning.best import best_trial, default_trial, write_config, write_settings
    from pixel.benchmarks.tuning.comparison import compare, comparison_markdown
    from pixel.benchmarks.tuning.plots import write_figures
    from pixel.benchmarks.tuning.report import figures_of
    from pixel.benchmarks.tuning.store import enqueue_default
    from pixel.benchmarks.tuning.workers import search
    from pixel.training.arguments import SettingError
    from pixel.training.keeping import write_json

    # ── search ──
    frozen, space, study, objective = prepare(options)
    enqueue_default(study, space.defaults())
    work = partial(for_worker, options) if options.workers > 1 else lambda: (study, objective)
    search(study, options.trials, work, options.output_dir / "workers", options.workers)

    # ── the winner ──
    best, default = best_trial(study), default_trial(study)
    settings, folder = best.user_attrs["settings"], options.output_dir / options.study_name
    note = f"Trial {best.number} of the study {options.study_name!r} over {Path(options.config).name}"
    write_config(folder / "best.yaml", read_settings(options.config) | changes(options), settings, note)
    write_settings(folder / "tuned.yaml", settings, f"{note}: settings alone")

    # ── what it was worth ──
    seeds = range(options.seed + 1, options.seed + 1 + options.seeds)
    base = {"max_steps": frozen.settings["max_steps"]}
    comparison = compare(frozen, settings, seeds, folder / "comparison.jsonl", base)
    found = figures_of(study, best, default, objective.names) | {"comparison": comparison}
    write_json(folder / "tuning.json", found)
    try:
        write_figures(study, folder / "figures.html", objective.names)
    except SettingError as missing:
        print(f"\nNo figures.html: {missing}")
    print(f"\n{found['summary']}\n\n{comparison_markdown(comparison)}")
    print(f"best.yaml, tuned.yaml and tuning.json are in {folder}")


if __name__ == "__main__":
    options = arguments()
    from pixel.training.command_line import explain

    with explain():
        main(options)
