"""Bytes of a checkpoint that turn on the disk, and files that are cut: is each seen before the checkpoint is used?"""

import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from scipy.stats import binomtest
from tqdm.auto import tqdm

from pixel.benchmarks.checkpoint_run import tiny_trainer
from pixel.checkpoints import MANIFEST, verify

KINDS = ("flip", "truncation")


def checkpoint_flips(
    faults: int = 1000, seed: int = 0, folder: str | Path | None = None, progress: bool = True
) -> dict[str, Any]:
    """
    Break one file of a real checkpoint at a time, ask whether it is whole, and put the file back.

    Half are flips: one byte, drawn over the bytes of one file, is replaced by another value. Half are truncations to
    a length drawn below the file's own. Files are drawn evenly, the manifest among them, so that the small ones are
    not left out.

    Args:
        faults: how many.
        seed: of files, places and values.
        folder: a sealed checkpoint; by default that of a tiny run, made here. It is left as it was.
        progress: show a bar.

    Returns:
        `faults`, `detected`, `interval` (95 %, Wilson), `undetected` (each with file, kind, place), `files` (name ->
        kind -> detected of tried), `false_alarms` (verdicts against the whole checkpoint, asked every hundred faults),
        `checks`, and `bytes` of the checkpoint.
    """
    if folder is None:
        with tempfile.TemporaryDirectory() as made:
            trainer = tiny_trainer(Path(made))
            trainer.train()
            return checkpoint_flips(faults, seed, Path(made) / f"checkpoint-{trainer.state.global_step}", progress)
    folder, draw = Path(folder), random.Random(seed)
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size > 0)
    tried, seen, undetected, alarms, checks = Counter(), Counter(), [], 0, 0
    for number in tqdm(range(faults), desc="Faults", disable=not progress):
        file, kind = draw.choice(files), KINDS[number % 2]
        whole = file.read_bytes()
        place = draw.randrange(len(whole))
        broken = flipped(whole, place, draw) if kind == "flip" else whole[:place]
        key = (file.relative_to(folder).as_posix(), kind)
        try:
            file.write_bytes(broken)
            tried[key] += 1
            if verify(folder).valid:
                undetected.append({"file": key[0], "kind": kind, "place": place})
            else:
                seen[key] += 1
        finally:
            file.write_bytes(whole)
        if number % 100 == 0:
            checks += 1
            alarms += not verify(folder).valid
    detected = sum(seen.values())
    names = sorted({name for name, _ in tried})
    return {
        "faults": faults,
        "detected": detected,
        "interval": tuple(binomtest(detected, faults).proportion_ci(method="wilson")),
        "undetected": undetected,
        "files": {n: {k: f"{seen[n, k]} of {tried[n, k]}" for k in KINDS if tried[n, k]} for n in names},
        "manifest_faults": sum(count for (name, _), count in tried.items() if name == MANIFEST),
        "false_alarms": alarms,
        "checks": checks,
        "bytes": sum(path.stat().st_size for path in files),
    }


def flipped(whole: bytes, place: int, draw: random.Random) -> bytes:
    """The same bytes with another value at one place."""
    value = (whole[place] + draw.randrange(1, 256)) % 256
    return whole[:place] + bytes([value]) + whole[place + 1 :]
