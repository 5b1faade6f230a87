"""The dataset's files, written from the manifest when everything is done; the same bytes in every run."""

import json
import os
import platform
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, TextIO

from pixel.voice.pipeline.manifest import Manifest
from pixel.voice.pipeline.parquet import write_parquet

PACKAGES = ("faster-whisper", "ctranslate2", "av", "onnxruntime", "numpy")


def write_outputs(manifest: Manifest, folder: Path, speed: Mapping[str, float]) -> dict[str, Any]:
    """
    Write `segments.jsonl`, `segments.parquet`, `dropped.jsonl`, `files.jsonl` and last `summary.json`, each whole or
    not at all.

    Of several files with the same bytes the first by name carries the segments; the others name it in `same_as`.

    Returns:
        the summary; `quarantined` in it lists `[file, reason]`.
    """
    counts: dict[str, float] = defaultdict(int)
    quarantined, first = [], {}
    with _whole(folder / "segments.jsonl") as segments, _whole(folder / "dropped.jsonl") as dropped:
        with _whole(folder / "files.jsonl") as files:
            for file in manifest.ask(
                "SELECT f.*, c.state, c.reason AS why, c.speakers FROM files f LEFT JOIN contents c USING (sha256) "
                "WHERE f.present ORDER BY f.file"
            ):
                same_as = first.setdefault(file["sha256"], file["file"]) if file["sha256"] else file["file"]
                copy = same_as != file["file"]
                row, kept, out = _file_row(manifest, file, same_as if copy else None)
                _write(segments, kept)
                _write(dropped, out)
                _write(files, [row])
                counts["files"] += 1
                counts[row["state"]] += 1
                counts["copies"] += copy
                counts["segments"] += len(kept)
                counts["dropped"] += len(out)
                for name in ("seconds", "speech_seconds"):
                    counts[name] += 0.0 if copy else row[name]
                if row["reason"]:
                    quarantined.append([row["file"], row["reason"]])
        segments.flush()
        write_parquet(Path(segments.name), folder / "segments.parquet")
    summary = {
        **{name: counts[name] for name in ("files", "done", "quarantined", "copies", "segments", "dropped")},
        **{name: round(counts[name], 3) for name in ("seconds", "speech_seconds")},
        "this_run": dict(speed),
        "settings": manifest.get("settings"),
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
        "faults": quarantined,
    }
    with _whole(folder / "summary.json") as out:
        out.write(json.dumps(summary, ensure_ascii=False, indent=2) + "\n")
    return summary


def _file_row(manifest: Manifest, file: Any, same_as: str | None) -> tuple[dict[str, Any], list, list]:
    """The file's row, its kept and its dropped segments."""
    windows = list(manifest.windows(file["sha256"])) if file["sha256"] else []
    speech = sum((window["speech_seconds"] for window in windows), 0.0)
    language, probability = _language(windows)
    kept = json.loads(file["speakers"]) if file["speakers"] else _segments(windows, "kept")
    dropped = _segments(windows, "dropped")
    for row in (*kept, *dropped):
        row["id"] = f"{file['file']}#{row['id'].rpartition('#')[2]}"
        row["file"] = file["file"]
    if same_as:
        kept, dropped = [], []
    row = {
        "file": file["file"],
        "seconds": round(sum((window["seconds"] for window in windows), 0.0), 3),
        "state": "quarantined" if file["reason"] or file["state"] == "quarantined" else "done",
        "reason": file["reason"] or file["why"],
        "language": language,
        "language_probability": probability,
        "speech_seconds": round(speech, 3),
        "segments": len(kept),
        "dropped": len(dropped),
        "quality": _quality(windows),
        "sha256": file["sha256"],
        "same_as": same_as,
    }
    return row | {name: value for name, value in json.loads(file["facts"]).items() if name not in row}, kept, dropped


def _segments(windows: list, which: str) -> list[dict[str, Any]]:
    return [row for window in windows for row in json.loads(window[which])]


def _language(windows: list) -> tuple[str | None, float | None]:
    """What most of the speech is in, and how sure that is."""
    weights: dict[str, float] = defaultdict(float)
    sure: dict[str, float] = defaultdict(float)
    for window in windows:
        if window["language"]:
            weights[window["language"]] += window["speech_seconds"]
            sure[window["language"]] += window["speech_seconds"] * window["language_probability"]
    if not any(weights.values()):
        return None, None
    most = max(sorted(weights), key=weights.get)
    return most, round(sure[most] / weights[most], 6)


def _quality(windows: list) -> dict[str, float | None]:
    """Mean over windows, weighted by their speech, or by their length where nobody speaks."""
    total: dict[str, list[tuple[float, float]]] = defaultdict(list)
    spoken = any(window["speech_seconds"] for window in windows)
    for window in windows:
        weight = window["speech_seconds"] if spoken else window["seconds"]
        for name, value in json.loads(window["quality"]).items():
            total[name] += [(weight, value)] if value is not None and weight else []
    return {
        name: round(sum(w * v for w, v in pairs) / sum(w for w, _ in pairs), 6) if pairs else None
        for name, pairs in sorted(total.items())
    }


def _write(out: TextIO, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        out.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    """A file that appears only when it is complete and on the disk. A lone surrogate becomes its JSON escape."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())
    os.replace(partial, path)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
