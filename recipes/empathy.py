"""
Empathy against people: fit the reader of EPITOME's mechanisms, measure it, write the human figures.

    python recipes/empathy.py fit --data_root DATA              # pixel/empathy/weights; needs DATA/epitome; minutes
    python recipes/empathy.py measure --data_root DATA          # the reader on replies it has not seen
    python recipes/empathy.py baselines --data_root DATA        # pixel/empathy/human_baselines.yaml
    python recipes/empathy.py progression v1/results.json v2/results.json --output progression.json

`progression` takes results of recipes/evaluate.py in the order of training and writes the figure's data:
[{"step", "dimension", "value", "low", "high", "anomaly"}].
"""

import argparse


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("fit", "measure", "baselines", "progression"))
    parser.add_argument("results", nargs="*", help="results.json files, oldest first (progression)")
    parser.add_argument("--data_root", help="folder of corpora, with epitome/, annomi/ and esconv/ in it")
    parser.add_argument("--output", help="file to write (default: the one that ships with Pixel)")
    chosen = parser.parse_args(arguments)
    if chosen.command == "progression" and not (chosen.results and chosen.output):
        parser.error("results.json files and --output are needed")
    if chosen.command != "progression" and not chosen.data_root:
        parser.error("--data_root is needed")
    return chosen


def labelled(data_root: str):
    """EPITOME's exchanges with their features."""
    from pathlib import Path

    from datasets_scripts import epitome
    from pixel.empathy.exchanges import exchanges
    from pixel.empathy.mechanisms import mechanism_features
    from pixel.text.sentence_encoder import default_encoder

    pairs = exchanges(epitome.rows(Path(data_root)))
    return pairs, mechanism_features(pairs, default_encoder())


def fit(chosen: argparse.Namespace) -> None:
    from pathlib import Path

    import numpy as np

    from pixel.empathy.exchanges import levels_of
    from pixel.empathy.mechanism_fit import fit_mechanisms, keep
    from pixel.empathy.mechanisms import WEIGHTS, unseen

    pairs, features = labelled(chosen.data_root)
    inside = np.array([not unseen(pair.group) for pair in pairs])
    file = Path(chosen.output or WEIGHTS)
    keep(fit_mechanisms(features[inside], levels_of(pairs)[inside]), file)
    print(f"Fitted on {inside.sum()} of {len(pairs)} replies: {file}")


def measure(chosen: argparse.Namespace) -> None:
    from pixel.empathy.exchanges import lengths_of, levels_of
    from pixel.empathy.mechanism_fit import out_of_fold
    from pixel.evaluation.validity import validate_measure
    from pixel.models.labels import EPITOME_MECHANISMS

    pairs, features = labelled(chosen.data_root)
    levels, groups = levels_of(pairs), [pair.group for pair in pairs]
    read, words = out_of_fold(features, levels, groups), lengths_of(pairs)
    print("| mechanism | r with people's level | length alone | AUC of level 1 or 2 | length alone | replies |")
    print("|---|---|---|---|---|---|")
    for kind, name in enumerate(EPITOME_MECHANISMS):
        there = (levels[:, kind] >= 1).astype(float)
        there[levels[:, kind] != levels[:, kind]] = float("nan")
        cells = []
        for human, how in ((levels[:, kind], "pearson"), (there, "auc")):
            found = validate_measure(read[:, kind], human, groups, words, how, against="EPITOME")
            cells += [f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})", f"{found.length_only:.3f}"]
        print(f"| {name} | {' | '.join(cells)} | {found.n} |", flush=True)


def baselines(chosen: argparse.Namespace) -> None:
    from pathlib import Path

    from datasets_scripts import epitome, esconv
    from pixel.clinical.appropriateness.annomi_sessions import read_sessions
    from pixel.empathy.human_baselines import FILE, human_baselines, keep

    root = Path(chosen.data_root)
    found = human_baselines(read_sessions(root), list(epitome.rows(root)), list(esconv.rows(root)))
    file = Path(chosen.output or FILE)
    keep(found, file)
    print(f"{len(found)} figures: {file}")


def progression(chosen: argparse.Namespace) -> None:
    import json
    from pathlib import Path

    from pixel.empathy.progression import figure_points, points_of_results

    results = [json.loads(Path(file).read_text(encoding="utf-8")) for file in chosen.results]
    points = figure_points(points_of_results(results))
    Path(chosen.output).write_text(json.dumps(points, indent=1) + "\n", encoding="utf-8")
    print(f"{len(points)} points, {sum(point['anomaly'] for point in points)} anomalies: {chosen.output}")


if __name__ == "__main__":
    chosen = options()
    from pixel.training.command_line import explain

    with explain():
        {"fit": fit, "measure": measure, "baselines": baselines, "progression": progression}[chosen.command](chosen)
