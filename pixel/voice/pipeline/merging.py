"""Shards, worked on anywhere, become one dataset: the same bytes as without shards."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pixel.voice.pipeline.lock import Busy, only_run
from pixel.voice.pipeline.manifest import Manifest
from pixel.voice.pipeline.outputs import write_outputs


class ShardError(ValueError):
    """Shards are missing, unfinished or made with different settings."""


def shard_folder(output: Path, shard: int, shards: int) -> Path:
    """Where a shard works."""
    return output / "shards" / f"{shard}-of-{shards}"


def merge(output: Path, others: Sequence[Path]) -> dict[str, Any]:
    """
    Args:
        output: the dataset's folder.
        others: further output folders whose `shards` belong to it.

    Returns:
        what `summary.json` says.

    Raises:
        ShardError: see there.
        Busy: another run is at work in `output`.
    """
    found = _shards([output, *others])
    shards = {number for number, _ in found}
    if not found or len(shards) > 1:
        said = "shards of different runs" if found else "no shards here"
        raise ShardError(f"{output / 'shards'}: {said}. Mend: transcribe with --shard I/N first, the same N for all")
    missing = sorted(set(range(1, max(shards) + 1)) - {shard for _, shard in found})
    if missing:
        raise ShardError(f"shards {', '.join(map(str, missing))} of {max(shards)} are missing. Mend: run them first")
    with only_run(output):
        whole = Manifest(output / "manifest.sqlite")
        try:
            _gather(whole, [found[key] for key in sorted(found)])
            return write_outputs(whole, output, {})
        finally:
            whole.close()


def merge_if_complete(output: Path, shards: int, say: Callable[[str], None]) -> dict[str, Any] | None:
    """After a shard's end: merge if it was the last one."""
    folders = [shard_folder(output, shard, shards) for shard in range(1, shards + 1)]
    done = [folder for folder in folders if _complete(folder)]
    if len(done) < shards:
        say(f"{len(done)} of {shards} shards are done; the last one merges them.")
        return None
    try:
        return merge(output, [])
    except Busy:
        say("Another shard is merging them.")
        return None


def _complete(folder: Path) -> bool:
    if not (folder / "manifest.sqlite").is_file():
        return False
    manifest = Manifest(folder / "manifest.sqlite")
    try:
        return bool(manifest.get("complete"))
    finally:
        manifest.close()


def _shards(outputs: Sequence[Path]) -> dict[tuple[int, int], Path]:
    found = {}
    for output in outputs:
        for folder in sorted((output / "shards").glob("*-of-*")):
            if named := re.fullmatch(r"(\d+)-of-(\d+)", folder.name):
                found[int(named[2]), int(named[1])] = folder
    return found


def _gather(whole: Manifest, folders: Sequence[Path]) -> None:
    """Copy everything of the shards' manifests, each in one transaction; a killed copy is begun anew."""
    if whole.get("settings") is not None and not whole.get("merged"):
        raise ShardError(
            f"{whole.path.parent}: holds a run without shards. Mend: merge into another --output, naming this one's "
            "shards behind --merge"
        )
    settings = None
    for folder in folders:
        if not _complete(folder):
            raise ShardError(f"{folder}: not done yet. Mend: start it again; it goes on where it stopped")
        shard = Manifest(folder / "manifest.sqlite")
        its = shard.get("settings")
        shard.close()
        if settings not in (None, its):
            raise ShardError(f"{folder}: made with other settings than the shards before. Mend: --restart it")
        settings = its
    whole.clear()
    for folder in folders:
        whole.database.execute("ATTACH ? AS shard", (str(folder / "manifest.sqlite"),))
        with whole.database:
            whole.database.execute("BEGIN IMMEDIATE")
            whole.database.execute("INSERT OR REPLACE INTO files SELECT * FROM shard.files WHERE present")
            fresh = "WHERE sha256 NOT IN (SELECT sha256 FROM contents WHERE state = 'done')"
            whole.database.execute(f"INSERT OR REPLACE INTO windows SELECT * FROM shard.windows {fresh}")
            whole.database.execute(f"INSERT OR REPLACE INTO contents SELECT * FROM shard.contents {fresh}")
        whole.database.execute("DETACH shard")
    whole.put("settings", settings)
    whole.put("merged", True)
