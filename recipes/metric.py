"""
Every metric of Pixel, from the command line.

    python recipes/metric.py list
    python recipes/metric.py show --name quadratic_kappa
    python recipes/metric.py compute --name quadratic_kappa --input rows.jsonl --options '{"levels": 7}'
    python recipes/metric.py save --name quadratic_kappa --output metrics/
    python recipes/metric.py push --name quadratic_kappa --repo_id me/quadratic_kappa

`compute` reads JSON lines with "reference" and "prediction" and prints {"NAME": value, "reason": ...}. `save` writes a
folder for evaluate.load(folder); `push` makes a Space for evaluate.load("me/quadratic_kappa"). Both carry the part of
Pixel that the metric needs; the card says how to load it where Pixel is not installed.
"""

import argparse
import json
import sys

from pixel.training.command_line import explain


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="list|show|compute|save|push")
    commands.add_parser("list", help="all metrics and what they say")
    show = commands.add_parser("show", help="a metric and its cases, worked out by hand")
    compute = commands.add_parser("compute", help="work a metric out")
    compute.add_argument("--input", required=True, help='JSON lines, {"reference": ..., "prediction": ...}')
    compute.add_argument("--options", type=_object, default={}, help="further arguments, a JSON object")
    compute.add_argument("--interval", action="store_true", help="also a 95%% bootstrap interval over the lines")
    save = commands.add_parser("save", help="write it as a folder for evaluate.load")
    save.add_argument("--output", required=True, help="where the metric's folder goes")
    push = commands.add_parser("push", help="put it on the Hub as a Space")
    push.add_argument("--repo_id", required=True, help="owner/name")
    push.add_argument("--private", action="store_true")
    for command in (show, compute, save, push):
        command.add_argument("--name", required=True, help="of the metric, see list")
    return parser.parse_args(arguments)


def _object(text: str) -> dict:
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError('no JSON object, such as {"levels": 7}')
    return value


def read(file: str) -> tuple[list, list]:
    """References and predictions of a file of JSON lines; the references may be missing throughout."""
    references, predictions = [], []
    try:
        lines = open(file, encoding="utf-8")
    except OSError as error:
        sys.exit(f"error: --input {file}: {error.strerror}. Mend: name a file of JSON lines")
    with lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                predictions.append(row["prediction"])
                references.append(row.get("reference"))
            except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
                sys.exit(f'error: {file}, line {number}: no {{"reference", "prediction"}}. Mend: write it as JSON')
    return references, predictions


def main(chosen: argparse.Namespace) -> None:
    from pixel.metrics.catalogue import SHEETS, cases, sheet

    if chosen.command == "list":
        for known in SHEETS.values():
            print(f"{known.name:<28}{known.says}")
        return
    try:
        known = sheet(chosen.name)
        if chosen.command == "show":
            print(f"{known.name}: {known.says}\n")
            for case in cases(known.name):
                expected = f"undefined, {case['reason']}" if case["expected"] is None else case["expected"]
                print(f"- {case['says']}\n    references  {case['references']}\n    predictions {case['predictions']}")
                print(f"    expected    {expected}: {case['why']}")
        elif chosen.command == "compute":
            references, predictions = read(chosen.input)
            measured = known.measure(references, predictions, **chosen.options)
            answer = {known.name: measured.value, "reason": measured.reason, "n": len(predictions)}
            if chosen.interval:
                answer["interval"] = interval(known, references, predictions, chosen.options)
            print(json.dumps(answer))
        elif chosen.command == "save":
            from pixel.metrics.huggingface import save_metric

            print(save_metric(known.name, chosen.output))
        else:
            from pixel.metrics.huggingface import push_metric

            print(push_metric(known.name, chosen.repo_id, private=chosen.private))
    except (ValueError, ModuleNotFoundError) as error:
        sys.exit(f"error: {error}")


def interval(known, references: list, predictions: list, options: dict) -> tuple[float, float] | None:
    """Bootstrap interval over lines."""
    from pixel.metrics import bootstrap_interval

    def at(rows):
        return known.measure([references[row] for row in rows], [predictions[row] for row in rows], **options)

    return bootstrap_interval(at, len(predictions))


if __name__ == "__main__":
    chosen = options()
    with explain():
        main(chosen)
