"""
Assess conversations: form, rules on what a helper may say, the answer to danger, and the rubric, with reasons.

    python recipes/assess.py --input conversations.jsonl --output verdicts.jsonl
    python recipes/assess.py fit_rules --data_root DATA               # needs DATA/annomi, esconv, counselchat
    python recipes/assess.py fit_behaviours --data_root DATA          # needs DATA/annomi
    python recipes/assess.py measure --data_root DATA                 # sessions not fitted on; minutes

Input: one JSON object a line, {"id": ..., "messages": [{"role": "user|assistant", "content": ...}, ...]}; the helper
is the assistant. Output, in the same order: {"id", "appropriateness", "quality", "abstain", "reasons", "rubric":
{"total", "skill", "alliance", "items"}, "turns": [{"index", "violations": [{"rule", "probability", "reason"}],
"abstain"}], "flow", "defects": [{"kind", "turn", "reason"}]}. Scores in [0, 1], rubric
items 0 to 6; null where it abstains.

An interrupted run goes on where it stopped when it is started again with the same input.
"""

import argparse

CHUNK = 32  # conversations read and written together


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = ("assess", "fit_rules", "fit_behaviours", "measure")
    parser.add_argument("command", nargs="?", choices=commands, default="assess")
    parser.add_argument("--input", help="conversations, JSON lines")
    parser.add_argument("--output", help="verdicts, JSON lines; appears when all are done")
    parser.add_argument("--data_root", help="folder of corpora, with annomi/ in it")
    parser.add_argument("--skip_bad_rows", action="store_true", help='write {"id", "error"} for a bad row and go on')
    chosen = parser.parse_args(arguments)
    if chosen.command == "assess" and not (chosen.input and chosen.output):
        parser.error("--input and --output are needed")
    if chosen.command in ("fit_rules", "fit_behaviours", "measure") and not chosen.data_root:
        parser.error("--data_root is needed")
    return chosen


def assess(chosen: argparse.Namespace) -> None:
    import time
    from itertools import islice

    from tqdm import tqdm

    from pixel.clinical.appropriateness import default_assessor
    from pixel.clinical.appropriateness.behaviours import WEIGHTS as BEHAVIOURS
    from pixel.clinical.appropriateness.violations import WEIGHTS as RULES
    from pixel.inference.conversations import input_rows
    from pixel.inference.resumable import ResumableLines, fingerprint
    from pixel.knowledge.quality.gates import defects
    from pixel.knowledge.quality.slips import slips
    from pixel.knowledge.quality.structure import structure

    # ── look before loading ──
    started, total, bad = time.time(), 0, 0
    for row in input_rows(chosen.input):
        if row.error and not chosen.skip_bad_rows:
            raise row.error
        total += 1
    assessor = default_assessor()

    # ── assess ──
    made_from = {"input": fingerprint(chosen.input), "rules": fingerprint(RULES), "rubric": fingerprint(BEHAVIOURS)}
    output = ResumableLines(chosen.output, made_from)
    if output.dropped:
        print("The unfinished output is from another input or other weights: starting anew.", flush=True)
    elif output.done:
        print(f"Going on after {output.done} of {total} conversations.", flush=True)
    rows = islice(input_rows(chosen.input), output.done, None)
    with tqdm(total=total, initial=output.done, unit=" conversations", disable=None) as bar:
        while chunk := list(islice(rows, CHUNK)):
            verdicts = iter(assessor.assess([row.messages for row in chunk if not row.error]))
            lines = []
            for row in chunk:
                if row.error:
                    bad += 1
                    lines.append({"id": row.id, "error": str(row.error)})
                    continue
                found = defects({"messages": row.messages}, [structure, slips])
                lines.append({"id": row.id} | next(verdicts).record() | {"defects": [d._asdict() for d in found]})
            output.write(lines)
            bar.update(len(chunk))
    output.finish()
    skipped = f", {bad} bad rows skipped" if bad else ""
    print(f"{total - output.done} conversations{skipped} in {time.time() - started:.1f} s: {chosen.output}")


def fit_rules(chosen: argparse.Namespace) -> None:
    from pixel.clinical.appropriateness.rule import rules
    from pixel.clinical.appropriateness.training_cases import ordinary_cases
    from pixel.clinical.appropriateness.violation_fit import fit_violations
    from pixel.clinical.appropriateness.violations import WEIGHTS
    from pixel.text.sentence_encoder import default_encoder

    ordinary = list(ordinary_cases(_real_talk(chosen.data_root)))
    report = fit_violations(rules(), default_encoder(), WEIGHTS, ordinary)
    print("| rule | " + " | ".join(next(iter(report.values()))) + " |\n|" + "---|" * 8)
    for name, figures in report.items():
        print(f"| {name} | " + " | ".join(str(figure) for figure in figures.values()) + " |")


def _real_talk(data_root: str) -> list:
    """AnnoMI, and parts of ESConv and CounselChat: every third dialogue and every sixth answer from the beginning."""
    from itertools import islice
    from pathlib import Path

    from datasets_scripts import counselchat, esconv
    from pixel.clinical.appropriateness.annomi_sessions import Session, read_sessions

    found = read_sessions(data_root)
    for script, step, most in ((esconv, 3, 50), (counselchat, 6, 120)):
        for row in islice(script.rows(Path(data_root)), 0, step * most, step):
            found.append(Session(row["id"], row["group"], True, "", row["messages"], [], []))
    return found


def fit_behaviours(chosen: argparse.Namespace) -> None:
    from pixel.clinical.appropriateness import behaviour_fit
    from pixel.clinical.appropriateness.behaviours import WEIGHTS

    turns = _turns(chosen)
    behaviour_fit.fit_behaviours(turns, WEIGHTS)
    print(behaviour_fit.behaviour_auc(turns))


def measure(chosen: argparse.Namespace) -> None:
    from pixel.clinical.appropriateness import behaviour_fit

    turns = _turns(chosen)
    print(behaviour_fit.behaviour_auc(turns))
    for name, figures in behaviour_fit.measure(turns).items():
        print(name, figures)


def _turns(chosen: argparse.Namespace):
    from pixel.clinical.appropriateness.annomi_sessions import read_sessions
    from pixel.clinical.appropriateness.behaviour_fit import Turns
    from pixel.text.sentence_encoder import default_encoder

    return Turns(read_sessions(chosen.data_root), default_encoder())


if __name__ == "__main__":
    chosen = options()
    from pixel.training.command_line import explain

    with explain():
        {"assess": assess, "fit_rules": fit_rules, "fit_behaviours": fit_behaviours, "measure": measure}[
            chosen.command
        ](chosen)
