"""What was fetched follows its slot: put aside once it may not be used, with facts that are those of today."""

import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

from pixel.data.whole_files import write_in_one_step
from pixel.voice.sources.playlists import Playlist
from pixel.voice.sources.recordings import SIDECAR

ASIDE = ".refused"
"""Folder that `list_recordings` does not look into."""


def put_aside(folder: Path, slot: Playlist) -> bool:
    """
    Move the recordings of a refused slot out of sight; nothing is deleted, that is for people to do.

    Returns:
        whether there were any.
    """
    return _moved(folder / slot.id, folder / ASIDE / slot.id)


def bring_back(folder: Path, slot: Playlist) -> bool:
    """Undo `put_aside` for a slot that is ready again."""
    return _moved(folder / ASIDE / slot.id, folder / slot.id)


def without_slot(folder: Path, slots: Collection[str]) -> list[str]:
    """
    Names of folders of recordings that a slot brought which stands in the list no more: whether its consent still
    holds is not known. Folders that nobody fetched are not among them.
    """
    if not folder.is_dir():
        return []
    places = (place for place in folder.iterdir() if place.is_dir() and not place.name.startswith("."))
    return sorted(place.name for place in places if place.name not in slots and _fetched(place))


def _fetched(place: Path) -> bool:
    """Whether a sidecar names the slot that the folder is named after."""
    for sidecar in place.glob(f"*{SIDECAR}"):
        try:
            facts = json.loads(sidecar.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        return isinstance(facts, dict) and facts.get("playlist") == place.name
    return False


def refresh(folder: Path, slot: Playlist) -> int:
    """
    Bring the sidecars of a slot up to date with its licence, consent and persona, e.g. a scope that grew.

    Returns:
        how many had to be written anew. One that cannot be read is left as it is.
    """
    facts, written = slot.facts(), 0
    of_slot = {"channel", "licence", "language", "speakers", "persona", "playlist", "consent"}
    for sidecar in sorted((folder / slot.id).glob(f"*{SIDECAR}")):
        try:
            old = json.loads(sidecar.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if not isinstance(old, dict):
            continue
        # the channel that the site named stays where the slot names none
        new = {name: value for name, value in old.items() if name not in of_slot or name == "channel"} | facts
        if new != old:
            write_sidecar(sidecar, new)
            written += 1
    return written


def write_sidecar(sidecar: Path, facts: dict[str, Any]) -> None:
    """Whole or not at all."""
    write_in_one_step(sidecar, json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def _moved(here: Path, there: Path) -> bool:
    """Each file on its own, so that a move that was broken off is finished by the next."""
    if not here.is_dir():
        return False
    there.mkdir(parents=True, exist_ok=True)
    for file in sorted(here.iterdir()):
        os.replace(file, there / file.name)
    here.rmdir()
    return True
