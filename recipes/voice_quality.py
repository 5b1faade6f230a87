"""
Choose what is good enough to train on, and say what was dropped and why.

    python recipes/voice_quality.py --input outputs/voice
    python recipes/voice_quality.py --input outputs/voice --thresholds my.yaml --hours 10
    python recipes/voice_quality.py --input outputs/voice --audio recordings --mos

--input is the folder that recipes/transcribe.py wrote. It gets selected.jsonl (segments with all their measures),
dropped_by_quality.jsonl (the others, each with its `reasons`) and quality.md (the table that is printed). Nothing
else is changed; run it again with other thresholds as often as you like.

Thresholds and the reason of each: pixel/voice/quality/thresholds.yaml. A file of your own names only what differs:

    snr_db: {least: 15, reason: a quiet studio}
    bandwidth_hz: null

--audio measures the sound anew, e.g. with opinion scores (--mos, 1.5 to 26 times faster than real time on a CPU core).
--hours keeps the best and most varied segments that fit, unlike each other in what they say and from many voices.
"""

import argparse
import json
import sys
from pathlib import Path


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, required=True, help="folder that recipes/transcribe.py wrote")
    parser.add_argument("--thresholds", type=Path, help="YAML, changes the defaults it names")
    parser.add_argument("--hours", type=float, help="keep at most this much speech")
    parser.add_argument("--audio", type=Path, help="folder of the recordings: measure the sound anew")
    parser.add_argument("--mos", action="store_true", help="with --audio: also predicted opinion scores")
    parser.add_argument("--keep_duplicates", action="store_true", help="keep a talk that another recording holds too")
    parser.add_argument("--seed", type=int, default=0, help="of the sample that coverage is counted on (default: 0)")
    chosen = parser.parse_args(arguments)
    if chosen.mos and not chosen.audio:
        parser.error("--mos needs --audio, the folder of the recordings")
    if chosen.hours is not None and not chosen.hours > 0:
        parser.error("--hours must be above 0")
    return chosen


def main(chosen: argparse.Namespace) -> None:
    from pixel.data.whole_files import write_in_one_step
    from pixel.voice.quality.duplicates import duplicate_files
    from pixel.voice.quality.selection import select
    from pixel.voice.quality.thresholds import load_thresholds

    # ── read ──
    thresholds = load_thresholds(chosen.thresholds)
    segments = read(chosen.input / "segments.jsonl")
    if chosen.audio:
        segments = measured(segments, chosen.audio, chosen.mos)

    # ── choose ──
    selection = select(segments, thresholds)
    if not chosen.keep_duplicates:
        twice = {one.file: f"same talk as {one.of}" for one in duplicate_files(selection.kept)}
        selection = selection.without({one.id: twice[one.file] for one in selection.kept if one.file in twice})
    if chosen.hours:
        selection = selection.without(over_budget(selection.kept, chosen.hours, chosen.seed))

    # ── keep ──
    write(chosen.input / "selected.jsonl", [one.as_row() for one in selection.kept])
    write(chosen.input / "dropped_by_quality.jsonl", [one.as_row() for one in selection.dropped])
    table = selection.table()
    write_in_one_step(chosen.input / "quality.md", table)
    hours = sum(one.end - one.start for one in selection.kept) / 3600
    print(
        f"{table}\n{len(selection.kept)} of {len(segments)} segments, {hours:.2f} h: {chosen.input / 'selected.jsonl'}"
    )


def read(file: Path) -> list:
    """The segments of a file."""
    from pixel.data.errors import ConversationError
    from pixel.data.json_lines import json_rows
    from pixel.voice.segment import Segment

    mend = "give the folder that recipes/transcribe.py wrote"
    if not file.is_file():
        raise ConversationError("file not found", file=file, mend=mend)
    segments = []
    for number, row in json_rows(file, mend):
        try:
            segments.append(Segment.from_row(row))
        except (ValueError, TypeError, KeyError) as error:
            raise ConversationError(str(error).partition(". Mend")[0], file=file, row=number, mend=mend) from None
    return segments


def measured(segments: list, folder: Path, mos: bool) -> list:
    """The same segments with the measures of their sound, taken from the recordings window by window."""
    from dataclasses import replace

    from tqdm import tqdm

    from pixel.data.errors import ConversationError
    from pixel.voice.pipeline.hearing import AROUND
    from pixel.voice.quality.audio import measure_audio

    by_file: dict[str, list[int]] = {}
    for place, one in enumerate(segments):
        by_file.setdefault(one.file, []).append(place)
    missing = next((file for file in by_file if not (folder / file).is_file()), None)
    if missing is not None:
        raise ConversationError("file not found", file=folder / missing, mend="give --audio what transcribe.py read")
    found = list(segments)
    with tqdm(total=len(segments), unit=" segments", disable=None) as bar:
        for file, places in by_file.items():
            for window in opened(folder / file):
                end = window.start + len(window.samples) / 16_000
                for place in (place for place in places if window.start <= segments[place].start < end):
                    one = segments[place]
                    first = max(one.start - AROUND - window.start, 0.0)
                    last = one.end + AROUND - window.start
                    sound = window.samples[round(first * 16_000) : round(last * 16_000)]
                    spoken = [(one.start - window.start - first, one.end - window.start - first)]
                    quality = measure_audio(sound, 16_000, spoken, mos=mos)
                    found[place] = replace(one, quality=dict(one.quality) | quality)
                    bar.update()
    return found


def opened(file: Path):
    """The windows of a recording, as far as it can be decoded: recipes/transcribe.py kept what came before, too."""
    from pixel.data.errors import ConversationError
    from pixel.voice.audio.decoding import windows
    from pixel.voice.audio.errors import AudioError

    window = None
    try:
        for window in windows(file):
            yield window
    except AudioError as error:
        if window is None:
            raise ConversationError(str(error)) from None
        print(f"warning: {error}; what comes before is measured", file=sys.stderr)


def over_budget(segments: list, hours: float, seed: int) -> dict[str, str]:
    """Ids of the segments that do not fit, with the reason."""
    from pixel.text.sentence_encoder import default_encoder
    from pixel.voice.quality.optimisation import within_budget

    vectors = default_encoder().encode([one.text for one in segments], progress=True)
    kept = set(within_budget(segments, hours, vectors, seed=seed))
    reason = f"over the budget of {hours:g} hours"
    return {one.id: reason for place, one in enumerate(segments) if place not in kept}


def write(file: Path, rows: list[dict]) -> None:
    """JSON lines that appear whole."""
    from pixel.data.whole_files import write_in_one_step

    write_in_one_step(file, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


if __name__ == "__main__":
    from pixel.training.command_line import explain

    chosen = options()
    try:
        with explain():
            main(chosen)
    except ModuleNotFoundError as error:
        sys.exit(f'error: {error.name} is not installed. Mend: pip install -e ".[voice]"')
