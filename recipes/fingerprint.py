"""
Fingerprints of speakers: a vector of how somebody talks, out of 280 words or more, and a profile to read.

    python recipes/fingerprint.py --input texts.jsonl --output vectors.jsonl
    python recipes/fingerprint.py --input texts.jsonl --output vectors.jsonl --compare monday friday
    python recipes/fingerprint.py --fit --data_root FOLDER --weights FOLDER

Input: one JSON object a line, {"id": ..., "text": everything one speaker said}. Output, in the same order: {"id",
"vector", "profile"}; two vectors are compared by their cosine. A row that cannot be used becomes {"id", "error"}, is
named on stderr, and the others go on; exit status 2 where no row could be used. English talk only.

--compare prints cosines of pairs and how probable it is that one person said both, if before looking that was as
probable as not. That was learnt from 300 to 600 words of people in one meeting, transcribed by one hand: take texts of
one make. Edited or scripted text is nearly inseparable.

--fit makes the weights that ship with Pixel out of AMI's meetings (FOLDER/ami).
"""

import argparse
import os
import sys
import time
from pathlib import Path

from pixel.training.command_line import explain

MOST = 2000  # pairs printed without a choice of ids


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, help="texts, JSON lines")
    parser.add_argument("--output", type=Path, help="vectors, JSON lines; appears when all are done")
    parser.add_argument("--no_profile", action="store_true", help="vectors alone: many times faster")
    parser.add_argument("--compare", nargs="*", metavar="ID", help="print pairs of these ids (none named: of all)")
    parser.add_argument(
        "--weights", type=Path, help="folder of a fingerprint (default: the one that ships with Pixel)"
    )
    parser.add_argument("--fit", action="store_true", help="fit weights into --weights")
    parser.add_argument("--data_root", type=Path, help="with --fit: folder that holds ami/")
    chosen = parser.parse_args(arguments)
    if chosen.fit and not (chosen.data_root and chosen.weights):
        parser.error("--fit needs --data_root and --weights")
    if not chosen.fit and not (chosen.input and (chosen.output or chosen.compare is not None)):
        parser.error("--input and --output (or --compare) are needed")
    if chosen.compare is not None and len(chosen.compare) == 1:
        parser.error("--compare takes two ids or more, or none for all pairs")
    if chosen.output and chosen.input and chosen.output.resolve() == chosen.input.resolve():
        parser.error("--output would overwrite --input: name another file")
    return chosen


def fit(chosen: argparse.Namespace) -> None:
    from pixel.voice.personality.fingerprint.shipping import fit_and_calibrate

    try:
        fitted = fit_and_calibrate(chosen.data_root, progress=lambda line: print(line, flush=True))
    except ValueError as error:  # too few speakers
        sys.exit(f"error: {error}")
    fitted.save(chosen.weights)
    print(f"{fitted.facts['speakers']} speakers of {fitted.facts['groups']} groups: {chosen.weights}")


def make_room(output: Path) -> None:
    """The output's folder, made where it is missing."""
    if output.is_dir():
        sys.exit(f"error: {output}: a folder is in its place. Mend: name a file as --output")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        sys.exit(f"error: {output}: a file is in its folder's place. Mend: name another --output")


def compare(fingerprint, made: list, names: list[str]) -> None:
    """Prints pairs, the most alike first."""
    from itertools import combinations

    import numpy as np

    rows = {str(one.row["id"]): one for one in made if "vector" in one.row}
    if missing := [name for name in names if name not in rows]:
        sys.exit(f"error: --compare: no usable row with id {', '.join(missing)}. Mend: name ids of {len(rows)} rows")
    names = names or list(rows)
    pairs = list(combinations(names, 2))
    if len(pairs) > MOST:
        sys.exit(f"error: --compare: {len(pairs)} pairs are too many to print. Mend: name the ids")
    lines = []
    for one, other in pairs:
        similarity = float(np.dot(rows[one].row["vector"], rows[other].row["vector"]))
        probability = fingerprint.same_speaker(similarity, min(rows[one].words, rows[other].words))
        lines.append((similarity, f"{one}\t{other}\t{similarity:.3f}\t{probability:.3f}"))
    print("one\tother\tcosine\tsame speaker")
    print("\n".join(line for _, line in sorted(lines, key=lambda pair: -pair[0])))


def main(chosen: argparse.Namespace) -> int:
    if chosen.fit:
        fit(chosen)
        return 0
    import json

    from tqdm import tqdm

    from pixel.data.json_lines import numbered_lines
    from pixel.voice.personality.fingerprint.fingerprint import Fingerprint
    from pixel.voice.personality.fingerprint.rows import made_rows
    from pixel.voice.personality.profile import profile

    started = time.time()
    try:
        fingerprint = Fingerprint.load(chosen.weights)
    except FileNotFoundError as error:
        sys.exit(f"error: {error.filename}: not there. Mend: name a folder that --fit wrote as --weights")
    except ValueError as error:
        sys.exit(f"error: {error}")
    total = sum(1 for _ in numbered_lines(chosen.input))
    wanted = profile if chosen.output and not chosen.no_profile else None
    made, bad, good = [], 0, 0
    partial = chosen.output and chosen.output.with_name(f"{chosen.output.name}.partial")
    if partial:
        make_room(chosen.output)
    with open(partial or os.devnull, "w", encoding="utf-8") as lines:
        for one in tqdm(made_rows(chosen.input, fingerprint, wanted), total=total, unit=" texts", disable=None):
            lines.write(json.dumps(one.row, ensure_ascii=False) + "\n")
            good, bad = good + ("vector" in one.row), bad + ("error" in one.row)
            if "error" in one.row:
                told = f"{chosen.input}, line {one.line}, id {one.row['id']!r}: {one.row['error']}"
                tqdm.write(told, file=sys.stderr)
            if chosen.compare is not None:
                made.append(one)
    if partial:
        partial.replace(chosen.output)
    seconds = time.time() - started
    where = f": {chosen.output}" if chosen.output else ""
    print(f"{good} fingerprints, {bad} rows refused, in {seconds:.1f} s{where}", file=sys.stderr)
    if not good:
        return 2
    if chosen.compare is not None:
        compare(fingerprint, made, chosen.compare)
    return 0


if __name__ == "__main__":
    chosen = options()
    with explain():
        sys.exit(main(chosen))
