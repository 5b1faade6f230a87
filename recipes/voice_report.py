"""
One page of what came out of the recordings: quality, coverage, guards, consistency, clusters and drift of voices.

    python recipes/voice_report.py --input outputs/voice

--input is what recipes/transcribe.py wrote; selected.jsonl and dropped_by_quality.jsonl of recipes/voice_quality.py
are read where they are. Writes report.html there (self-contained: no script, no font, nothing fetched) and
report.json, the same as numbers, with the segments of odd samples and changes by id. Neither holds text of what was
said; files and voices are called by number unless --names asks for theirs.

--conversations is the folder that recipes/voice_conversations.py wrote of the same recordings, or JSON lines,
{"voice": name of a file, channel or persona, "messages": [...]}: what the assistant says in a voice's name is held
against that voice. What was made of the recordings themselves is held against what the voice says elsewhere in them.
"""

import argparse
import sys
from pathlib import Path

from pixel.training.command_line import explain


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", required=True, type=Path, help="folder that recipes/transcribe.py wrote")
    parser.add_argument("--output", type=Path, help="the page (default: INPUT/report.html); the numbers lie beside it")
    parser.add_argument(
        "--conversations", type=Path, help="dataset folder, or JSON lines, of conversations that claim a voice"
    )
    parser.add_argument("--fingerprint", help="folder of a fingerprint (default: the one that ships with Pixel)")
    parser.add_argument("--calibration", type=Path, help="folder with its likeness.json and drift.json")
    parser.add_argument("--names", action="store_true", help="show names of files, channels and personas")
    parser.add_argument("--seed", type=int, default=0, help="of intervals and resampling")
    chosen = parser.parse_args(arguments)
    if chosen.fingerprint and not chosen.calibration:
        parser.error("--fingerprint needs --calibration: cosines of another fingerprint mean something else")
    return chosen


def main(chosen: argparse.Namespace) -> Path:
    import json

    from pixel.data.whole_files import write_in_one_step
    from pixel.voice.personality.consistency.drift_reference import DriftReference
    from pixel.voice.personality.consistency.likeness import Likeness
    from pixel.voice.personality.fingerprint.fingerprint import Fingerprint
    from pixel.voice.report.claimed import read_claims
    from pixel.voice.report.figures import figures
    from pixel.voice.report.page import write_page
    from pixel.voice.report.reading import read_folder

    # ── read ──
    heard = read_folder(chosen.input)
    conversations = read_claims(chosen.conversations, heard) if chosen.conversations else []
    likeness = reference = None
    try:
        fingerprint = Fingerprint.load(chosen.fingerprint)
        if chosen.calibration:
            likeness = Likeness.load(chosen.calibration / "likeness.json")
            reference = DriftReference.load(chosen.calibration / "drift.json")
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")

    # ── measure ──
    found = figures(heard, fingerprint.vector, likeness, reference, conversations, chosen.names, chosen.seed)

    # ── write ──
    output = chosen.output or chosen.input / "report.html"
    write_in_one_step(output.with_suffix(".json"), json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    write_page(output, found)
    totals, alarms = found["totals"], sum(bool(row["alarms"]) for row in found["voices"]["drift"])
    print(
        f"{totals['files']} files ({totals['quarantined']} quarantined), {totals['segment_hours']:.2f} h in "
        f"{totals['segments']} segments, {len(found['voices']['consistency'])} voices, "
        f"{alarms} with an alarm of drift: {output}"
    )
    return output


if __name__ == "__main__":
    chosen = options()
    with explain():
        main(chosen)
