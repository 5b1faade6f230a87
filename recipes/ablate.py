"""
Compare strategies on real corpora: loss schedules, gradient weightings and single objectives beside the plain sum.

    python recipes/ablate.py --config recipes/configs/real_corpora_shared.yaml --data_root FOLDER
    python recipes/ablate.py --config ... --seeds 5 --strategies sum gradient:upgrad schedule:dwa

Same frozen trunk, same rows, same budget, several seeds. Runs are kept in runs.jsonl as they end; started again, it
goes on where it was. The table holds the mean relative change (delta-m, percent, lower is better) with 95% intervals.
"""

import argparse
import os
from pathlib import Path


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="recipes/configs/real_corpora_shared.yaml", help="YAML of a frozen run")
    parser.add_argument("--data_root", default=os.environ.get("PIXEL_DATA_ROOT"), help="folder with raw corpora")
    parser.add_argument("--corpora", nargs="+", help="instead of the config's")
    parser.add_argument("--strategies", nargs="+", help="names (default: all; --list prints them)")
    parser.add_argument("--best", type=Path, nargs="+", default=[], help="YAML of settings to add, such as tune.py's")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of each strategy: 0, 1, ...")
    parser.add_argument("--curve", type=int, default=0, metavar="N", help="also measure every N steps")
    parser.add_argument("--max_steps", type=int, help="instead of the config's")
    parser.add_argument("--output_dir", type=Path, default=Path("outputs/ablation"), help="runs.jsonl and table.json")
    parser.add_argument("--list", action="store_true", help="print the strategies and stop")
    return parser.parse_args()


def main(options: argparse.Namespace) -> None:
    from datasets_scripts.mixture import load_mixture
    from pixel.benchmarks.ablation import ablate, ablation_markdown, curves_markdown, summarise
    from pixel.benchmarks.strategies import BASELINE, missing, strategies
    from pixel.benchmarks.study_config import load_study, read_settings
    from pixel.training.arguments import SettingError
    from pixel.training.keeping import write_json

    known = strategies() | {file.stem: read_settings(file) for file in options.best}
    if options.list:
        print("\n".join(known))
        return
    names = list(dict.fromkeys([BASELINE, *(options.strategies or known), *(file.stem for file in options.best)]))
    if unknown := [name for name in names if name not in known]:
        raise SettingError(f"--strategies: there is no {unknown[0]!r}. Mend: use one of {', '.join(known)}")
    changes = {"max_steps": options.max_steps, "corpora": options.corpora, "data_root": options.data_root}
    changes = {name: value for name, value in changes.items() if value is not None}
    study = load_study(options.config, load_mixture, **changes)
    left_out = missing({name: known[name] for name in names})
    for name, reason in left_out.items():
        print(f"Left out: {name}: {reason}", flush=True)
    chosen = {name: known[name] for name in names if name not in left_out}
    runs = ablate(study, chosen, range(options.seeds), options.output_dir / "runs.jsonl", options.curve)
    rows = summarise(runs)
    print(f"\n{ablation_markdown(rows)}")
    if options.curve:
        print(f"\n{curves_markdown(runs)}")
    print(f"\nRuns and table.json are in {write_json(options.output_dir / 'table.json', rows).parent}")


if __name__ == "__main__":
    options = arguments()
    from pixel.training.command_line import explain

    with explain():
        main(options)
