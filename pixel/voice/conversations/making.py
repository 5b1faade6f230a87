"""All recordings one after the other, each kept when finished: a killed run loses one recording's work at most."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pixel.voice.conversations.building import Settings, Tools, build_file, fingerprint_of
from pixel.voice.conversations.clips import withhold
from pixel.voice.conversations.consent import withdrawn
from pixel.voice.conversations.inputs import read_files, read_left_out, read_segments, segments_file
from pixel.voice.conversations.metadata import people

CACHE = "conversations.cache"


def make(
    folder: Path, settings: Settings, tools: Tools, *, only: Callable[[Mapping[str, Any]], bool] = lambda facts: True
) -> Iterator[tuple[Mapping[str, Any], dict]]:
    """
    Conversations of every file of a transcription, in the order of its segments.

    What is finished lies in `FOLDER/conversations.cache/`, one file a recording, named by a digest of all that it
    depends on: a second run, or one that goes on after a kill, reads it from there.

    Args:
        folder: that `recipes/transcribe.py` wrote.
        settings, tools: see `pixel.voice.conversations.building`.
        only: which files, by their facts.

    Yields:
        facts of the file, and what `build_file` gave. A file whose consent was withdrawn, or that `only` refuses,
        gives no rows, and a count that says so; what was kept of a withdrawn one is deleted.

    Raises:
        ConversationError: a folder that no transcription wrote.
    """
    files = {row["file"]: row for row in read_files(folder)}
    left_out = read_left_out(folder)
    cache = folder / CACHE
    cache.mkdir(exist_ok=True)
    for file, segments in read_segments(segments_file(folder)):
        facts = files.get(file, {"file": file})
        if withdrawn(facts):
            _kept_in(cache, file).unlink(missing_ok=True)
            yield facts, {"rows": [], "counts": {"file left out: consent withdrawn": 1}}
        elif not only(facts):
            yield facts, {"rows": [], "counts": {"file left out: no recorded consent": 1}}
        else:
            made = _made(cache, segments, facts, settings, tools)
            heard, names = [*segments, *left_out.get(file, ())], (*tools.names, *people(facts))
            yield facts, made | {"rows": withhold(made["rows"], heard, names)}


def _kept_in(cache: Path, file: str) -> Path:
    return cache / f"{hashlib.sha256(file.encode()).hexdigest()[:16]}.json"


def _made(cache: Path, segments, facts: Mapping[str, Any], settings: Settings, tools: Tools) -> dict:
    digest = fingerprint_of(segments, facts, settings, tools)
    path = _kept_in(cache, facts["file"])
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if known["made_from"] == digest:
            return {"rows": known["rows"], "counts": known["counts"]}
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not there, or of a run that broke off: made anew
    made = build_file(segments, facts, settings, tools)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps({"made_from": digest} | made, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    fresh.replace(path)
    return made
