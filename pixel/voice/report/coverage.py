"""How many hours of what there are, what was taken out and why, and which files could not be read."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from pixel.voice.report.names import Names
from pixel.voice.report.reading import Heard
from pixel.voice.segment import Segment


def hours(segments: Iterable[Segment]) -> float:
    """Length of segments together."""
    return sum(one.end - one.start for one in segments) / 3600


def words(segments: Iterable[Segment]) -> int:
    """Words of segments together, by blanks."""
    return sum(len(one.text.split()) for one in segments)


def totals(heard: Heard) -> dict[str, Any]:
    """What there is in all, hours and counts."""
    first = [row for row in heard.files if not row.get("same_as")]
    bad = [row for row in heard.files if row.get("state") == "quarantined"]
    return {
        "files": len(heard.files),
        "copies": len(heard.files) - len(first),
        "quarantined": len(bad),
        "recorded_hours": sum(row.get("seconds") or 0 for row in first) / 3600,
        "speech_hours": sum(row.get("speech_seconds") or 0 for row in first) / 3600,
        "segments": len(heard.segments),
        "segment_hours": hours(heard.segments),
        "words": words(heard.segments),
        "guards": len(heard.dropped),
        "guards_hours": hours(heard.dropped),
        "guards_words": words(heard.dropped),
        "selected": None if heard.selected is None else len(heard.trained_on),
        "selected_hours": None if heard.selected is None else hours(heard.trained_on),
    }


def coverage(heard: Heard, voices: dict[str, list[Segment]], names: Names) -> dict[str, list[dict[str, Any]]]:
    """
    Rows of hours, segments, words and what quality kept, by source, language and voice; the longest first.

    Args:
        heard: what was read.
        voices: see `voices_of`.
        names: how sources and voices are called.
    """
    facts = {row["file"]: row for row in heard.files}

    def source(one: Segment) -> str:
        row = facts.get(one.file, {})
        known = row.get("channel") or row.get("playlist")
        return names.of("source", known) if known else "local files"

    voice = {one.id: name for name, own in voices.items() for one in own}
    return {
        "source": _by(heard, source),
        "language": _by(heard, lambda one: one.language or "not known"),
        "voice": _by(heard, lambda one: names.of("voice", voice.get(one.id))),
    }


def reasons(dropped: Sequence[tuple[Segment, Sequence[str]]]) -> list[dict[str, Any]]:
    """Segments, hours and words taken out, by reason; a segment with two reasons counts under both."""
    groups: dict[str, list[Segment]] = defaultdict(list)
    for one, why in dropped:
        for reason in set(why) or {"no reason given"}:
            groups[reason].append(one)
    rows = [
        {"name": name, "segments": len(own), "hours": hours(own), "words": words(own)} for name, own in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row["segments"], row["name"]))


def quarantined(heard: Heard, names: Names) -> list[dict[str, Any]]:
    """Files that could not be read, or not to their end, with the reason."""
    return [
        {
            "name": names.file(row["file"]),
            "reason": names.within(str(row["reason"])),
            "hours": (row.get("seconds") or 0) / 3600,
        }
        for row in heard.files
        if row.get("reason")
    ]


def _by(heard: Heard, key) -> list[dict[str, Any]]:
    groups: dict[str, list[Segment]] = defaultdict(list)
    for one in heard.segments:
        groups[key(one)].append(one)
    rows = []
    for name, own in groups.items():
        kept = None if heard.selected is None else hours(one for one in own if one.id in heard.selected)
        files = len({one.file for one in own})
        row = {"name": name, "files": files, "segments": len(own), "hours": hours(own), "words": words(own)}
        rows.append(row | {"selected_hours": kept})
    return sorted(rows, key=lambda row: (-row["hours"], row["name"]))
