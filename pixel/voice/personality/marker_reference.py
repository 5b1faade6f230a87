"""The tables behind `reference.py`: markers measured on people in meetings, on therapists and on clients."""

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pixel.voice.personality.fingerprint.ami import read_speakers
from pixel.voice.personality.marker_reliability import LENGTHS, Speaker, measure
from pixel.voice.personality.markers import traits
from pixel.voice.personality.profile import text_markers
from pixel.voice.personality.reference import FOLDER, Reference


def meeting_speakers(data_root: str | Path) -> list[Speaker]:
    """
    AMI, one a meeting and channel; drawn by group of people.

    Raises:
        FileNotFoundError: no `ami/*.transcript.txt` under the data root.
    """
    return [Speaker(one.text, one.meeting, one.group) for one in read_speakers(data_root)]


def session_speakers(data_root: str | Path, role: str) -> list[Speaker]:
    """
    AnnoMI, `therapist` or `client`, one a transcript; drawn by video, since sessions of one share their people.

    Raises:
        FileNotFoundError: no `annomi/annomi-full.csv` under the data root.
    """
    file = Path(data_root) / "annomi" / "annomi-full.csv"
    if not file.is_file():
        raise FileNotFoundError(f"{file}: not there. Mend: name the folder that holds annomi/ as --data_root")
    said: dict[str, dict[int, str]] = defaultdict(dict)
    videos = {}
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["interlocutor"] == role:
                said[row["transcript_id"]][int(row["utterance_id"])] = row["utterance_text"]
                videos[row["transcript_id"]] = row["video_url"].split("&")[0]
    return [
        Speaker(" ".join(turns[number] for number in sorted(turns)), "all", videos[id])
        for id, turns in sorted(said.items())
    ]


def build(data_root: str | Path, resamples: int = 500) -> dict[str, dict[str, Any]]:
    """Reference -> its tables, trait indicators among them."""
    sources = {
        "meetings": (meeting_speakers(data_root), "AMI, scenario meetings of four, hand-made transcripts", True),
        "therapists": (session_speakers(data_root, "therapist"), "AnnoMI, therapists in demonstrations", False),
        "clients": (session_speakers(data_root, "client"), "AnnoMI, clients in demonstrations", False),
    }
    return {name: tables_of(*source, resamples) for name, source in sources.items()}


def write(tables: dict[str, dict[str, Any]], folder: str | Path = FOLDER) -> None:
    """One `markers_NAME.json` a reference."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        text = json.dumps(table, separators=(",", ":")) + "\n"
        (Path(folder) / f"markers_{name}.json").write_text(text, encoding="utf-8")


def write_transcribed(rows: Sequence[Mapping[str, Any]], about: str, folder: str | Path = FOLDER) -> None:
    """`markers_transcribed.json`, from the rows of `pixel.benchmarks.voice.markers.through_whisper`."""
    short = [{key: round(x, 3) if isinstance(x, float) else x for key, x in row.items()} for row in rows]
    text = json.dumps({"about": about, "rows": short}, indent=1) + "\n"
    (Path(folder) / "markers_transcribed.json").write_text(text, encoding="utf-8")


def tables_of(speakers: list[Speaker], about: str, nested: bool, resamples: int) -> dict[str, Any]:
    """`marker_reliability.measure` of the text markers, and of the trait indicators as these markers give them."""
    out = measure(speakers, text_markers, about, LENGTHS, nested, resamples)
    usual = Reference(out)
    for length in usual.lengths:

        def indicators(text: str, length: int = length) -> dict[str, float | None]:
            values = text_markers(text)
            places = {name: usual.standing(name, value, length) for name, value in values.items()}
            found = traits.measure(lambda name: places[f"style.{name}"].z if places[f"style.{name}"] else None)
            return {f"traits.{name}": value for name, value in found.items()}

        rows = measure(speakers, indicators, about, [length], nested, resamples)["lengths"]
        out["lengths"][str(length)] |= rows.get(str(length), {})
    return out
