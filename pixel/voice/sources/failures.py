"""Which recordings did not come in earlier rounds, so that a later one tries them last."""

import json
from collections.abc import Sequence
from pathlib import Path

from pixel.voice.sources.upkeep import write_sidecar

FAILURES = ".failures.json"


def failed_before(folder: Path, slot: str) -> list[str]:
    """
    Ids of a slot's recordings that failed, the one that was tried last at the end; none where nothing was noted or
    the note cannot be read.
    """
    found = _noted(folder).get(slot)
    return [id for id in found if isinstance(id, str)] if isinstance(found, list) else []


def note_failures(folder: Path, slot: str, ids: Sequence[str]) -> None:
    """Notes a slot's failures in `folder/.failures.json`; the notes of other slots stay."""
    noted = _noted(folder)
    if list(ids) != noted.get(slot, []):
        write_sidecar(folder / FAILURES, noted | {slot: list(ids)})


def _noted(folder: Path) -> dict:
    try:
        noted = json.loads((folder / FAILURES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}
