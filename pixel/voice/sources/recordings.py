"""The recordings of a folder, each with what is known about where it came from."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SIDECAR = ".info.json"
# Endings that never hold sound; every other one goes to the decoder, which quarantines what it cannot read.
NOT_RECORDINGS = frozenset(
    ".json .jsonl .txt .md .yaml .yml .csv .tsv .srt .vtt .ass .lrc .ttml .rttm .textgrid .lab .html .htm .xml .pdf "
    ".jpg .jpeg .png .webp .gif .sqlite .parquet .log .py .sh .part .partial .ytdl .temp .tmp .aria2 "
    ".crdownload".split()
)
# Names of yt-dlp's info (left) and of the facts (right) that a recording keeps.
_FROM_INFO = {
    "webpage_url": "url",
    "channel": "channel",
    "title": "title",
    "duration": "duration",
    "upload_date": "upload_date",
    "licence": "licence",
    "consent": "consent",
    "playlist": "playlist",
    "language": "language",
    "speakers": "speakers",
    "persona": "persona",
}


@dataclass(frozen=True)
class Recording:
    """
    Attributes:
        path: where the file lies.
        file: the same below the listed folder, with `/`; the name of a recording everywhere in the pipeline.
        facts: what its sidecar `NAME.info.json` says: `url`, `channel`, `title`, `duration`, `upload_date`,
            `licence`, `consent`, `playlist`, `language`, `speakers`, `persona`, those that are known. A sidecar that
            cannot be read gives `{"sidecar_error": why}`: the sound may still be good.
    """

    path: Path
    file: str
    facts: dict[str, Any] = field(default_factory=dict)


def list_recordings(folder: str | Path) -> list[Recording]:
    """
    Every file of a folder and those below it that a decoder may read, in order of name.

    Passed over: hidden files and folders, unfinished downloads (`.part`, `.part-Frag7`, `.ytdl`), sidecars, texts,
    subtitles, tables and pictures. Unknown endings and empty files are listed: the decoder decides. A link to a
    folder is not followed.

    Args:
        folder: a folder, or one recording.

    Raises:
        FileNotFoundError: there is nothing of that name.

    Example:
        >>> [recording.file for recording in list_recordings("interviews")]
        ['2019/anna.m4a', '2020/ben.flac']
    """
    root = Path(folder)
    if root.is_file():
        return [Recording(root, root.name, facts_of(root))]
    if not root.is_dir():
        raise FileNotFoundError(f"{root}: no such folder or file. Mend: give a folder of recordings")
    paths = {path.relative_to(root).as_posix(): path for path in _below(root) if is_recording(path)}
    return [Recording(paths[name], name, facts_of(paths[name])) for name in sorted(paths)]


def is_recording(path: Path) -> bool:
    """Whether a file of this name may hold sound; its bytes are not looked at."""
    if path.name.startswith(".") or ".part-Frag" in path.name:
        return False
    return path.suffix.lower() not in NOT_RECORDINGS


def facts_of(path: Path) -> dict[str, Any]:
    """
    What the sidecar of a recording says: `talk.m4a` has `talk.info.json` or, written by hand, `talk.m4a.info.json`.

    Returns:
        facts as in `Recording.facts`; empty without a sidecar.
    """
    for sidecar in (path.with_name(path.name + SIDECAR), path.with_suffix(SIDECAR)):
        if not sidecar.is_file():
            continue
        try:
            info = json.loads(sidecar.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            return {"sidecar_error": f"{sidecar.name}: {error}"}
        if not isinstance(info, dict):
            return {"sidecar_error": f"{sidecar.name}: not an object"}
        aliases = {"licence": info.get("license"), "webpage_url": info.get("url"), "channel": info.get("uploader")}
        known = {name: value for name, value in (*aliases.items(), *info.items()) if value not in (None, "")}
        return {fact: known[name] for name, fact in _FROM_INFO.items() if name in known}
    return {}


def _below(folder: Path) -> Iterator[Path]:
    """Files below a folder, hidden folders and links to folders passed over."""
    for entry in folder.iterdir():
        if entry.is_dir():
            if not entry.name.startswith(".") and not entry.is_symlink():
                yield from _below(entry)
        elif entry.is_file():
            yield entry
