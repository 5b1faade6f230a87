"""Build an index of passages, and change it: only texts that are new are embedded, only changed shards are written."""

import hashlib
import os
import shutil
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import numpy as np

from pixel.knowledge.retrieval.embedding import Encoder, embed, probe, require_same
from pixel.knowledge.retrieval.errors import RetrievalError
from pixel.knowledge.retrieval.fusion import Fusion
from pixel.knowledge.retrieval.manifest import Manifest, check, hashes, require
from pixel.knowledge.retrieval.shard import Shard, write_shard
from pixel.knowledge.retrieval.words import clean

SHARD_ROWS = 1_048_576
"""Passages a shard; with MiniLM 1.6 GB of vectors, of which a query reads little."""


def build_index(
    passages: Mapping[str, str],
    folder: str | Path,
    encoder: Encoder,
    *,
    fusion: Fusion | None = None,
    shard_rows: int = SHARD_ROWS,
    progress: bool = True,
) -> Manifest:
    """
    An index of `passages` in `folder`. Interrupted, it goes on with the embeddings it has when it is started again.

    Args:
        passages: id -> text.
        folder: made; an index that is there is replaced when the new one is complete.
        encoder: embeds passages, and later queries.
        fusion: weights (default: the standard ones).
        shard_rows: passages a shard; shards can be searched on different machines.

    Raises:
        RetrievalError: no passages, an empty one, or `folder` is a file.
    """
    folder = _folder(folder)
    texts = _checked(passages)
    mark = probe(encoder)
    vectors = embed(list(texts.values()), encoder, _pieces(folder, mark), progress)
    old = _old_names(folder)
    rows = {key: (text, _hash(text), vectors[number]) for number, (key, text) in enumerate(texts.items())}
    manifest = Manifest([], vectors.shape[1], mark, (fusion or Fusion()).to_json())
    _write_shards(folder, manifest, rows, shard_rows, _next_number(old))
    return _finish(folder, manifest, old)


def update_index(
    folder: str | Path,
    encoder: Encoder,
    add: Mapping[str, str] | None = None,
    remove: Collection[str] = (),
    *,
    shard_rows: int = SHARD_ROWS,
    progress: bool = True,
) -> dict[str, int]:
    """
    Add, replace (by id) and remove passages. The old index serves until the new manifest is in place.

    Texts whose SHA-256 is the one that is there are left alone. Shards without a change are not touched; in the
    others vectors are taken over, and the two indexes of the shard are made anew. New passages fill the last shard
    first.

    Args:
        add: id -> text, new or changed.
        remove: ids.

    Returns:
        counts: `added`, `replaced`, `removed`, `unchanged`, `embedded`.

    Raises:
        RetrievalError: a damaged index, another encoder, an id to remove that is not there, or nothing left.
    """
    folder = Path(folder)
    manifest = Manifest.read(folder)
    require(folder, check(folder, manifest))
    require_same(encoder, manifest.probe, folder)
    shards = [Shard(folder / shard["name"], shard["kind"]) for shard in manifest.shards]
    held = [shard.hashes() for shard in shards]
    known = {key: value for hashed in held for key, value in hashed.items()}
    texts = _checked(add) if add else {}
    remove = set(remove)
    if missing := sorted(remove - known.keys()):
        raise RetrievalError(f"holds no passage {missing[0]!r}", file=folder, mend="name ids that it holds")
    changed = {key: text for key, text in texts.items() if known.get(key) != _hash(text)}
    fresh = {key: text for key, text in changed.items() if key not in known}
    if len(known) + len(fresh) == len(remove):
        raise RetrievalError("would be left empty", file=folder, mend="keep a passage, or delete the folder")
    counts = {
        "added": len(fresh),
        "replaced": len(changed) - len(fresh),
        "removed": len(remove),
        "unchanged": len(texts) - len(changed),
        "embedded": len(changed),
    }
    if not changed and not remove:
        return counts
    pieces = _pieces(folder, manifest.probe)
    vectors = embed(list(changed.values()), encoder, pieces, progress) if changed else []
    made = {key: (text, _hash(text), vector) for (key, text), vector in zip(changed.items(), vectors, strict=True)}
    old, number = _old_names(folder), _next_number(_old_names(folder))
    new = Manifest([], manifest.size, manifest.probe, manifest.fusion)
    for place, (shard, hashed) in enumerate(zip(shards, held, strict=True)):
        room = shard_rows - len(shard) if place == len(shards) - 1 else 0
        entering = dict(list(fresh.items())[: max(room, 0)])
        if not (entering or remove & hashed.keys() or made.keys() & hashed.keys()):
            name = manifest.shards[place]["name"]
            new.shards.append(manifest.shards[place])
            new.files |= {file: digest for file, digest in manifest.files.items() if file.startswith(f"{name}/")}
            continue
        rows = {}
        for row, (key, digest) in enumerate(hashed.items()):
            if key not in remove:
                rows[key] = made.get(key) or (shard.row(row)[1], digest, shard.vectors[row])
        rows |= {key: made[key] for key in entering}
        fresh = {key: text for key, text in fresh.items() if key not in entering}
        number = _write_shards(folder, new, rows, max(shard_rows, len(rows)), number)
    _write_shards(folder, new, {key: made[key] for key in fresh}, shard_rows, number)
    _finish(folder, new, old)
    return counts


def _write_shards(folder: Path, manifest: Manifest, rows: dict[str, tuple], size: int, number: int) -> int:
    keys = list(rows)
    for start in range(0, len(keys), size):
        ids = keys[start : start + size]
        texts, digests, vectors = zip(*(rows[key] for key in ids), strict=True)
        name = f"shard-{number:05d}"
        shutil.rmtree(folder / name, ignore_errors=True)  # of an interrupted run
        kind = write_shard(folder / name, ids, texts, digests, np.stack(vectors))
        manifest.shards.append({"name": name, "rows": len(ids), "kind": kind})
        manifest.files |= hashes(folder, name)
        number += 1
    return number


def _finish(folder: Path, manifest: Manifest, old: Iterable[str]) -> Manifest:
    manifest.write(folder)
    kept = {shard["name"] for shard in manifest.shards}
    for name in set(old) - kept:
        shutil.rmtree(folder / name, ignore_errors=True)
    shutil.rmtree(folder / "embeddings.partial", ignore_errors=True)
    return manifest


def _old_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("shard-*") if path.is_dir())


def _next_number(names: list[str]) -> int:
    return max((int(name.removeprefix("shard-")) for name in names), default=-1) + 1


def _pieces(folder: Path, mark: list[float]) -> Path:
    return folder / "embeddings.partial" / hashlib.sha256(repr(mark).encode()).hexdigest()[:16]


def _folder(folder: str | Path) -> Path:
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise RetrievalError("is a file", file=folder, mend="name a folder for the index")
    os.makedirs(folder, exist_ok=True)
    return folder


def _checked(passages: Mapping[str, str]) -> dict[str, str]:
    if not passages:
        raise RetrievalError("there are no passages", mend='give lines of {"id", "text"}')
    texts = {}
    for key, text in passages.items():
        if not isinstance(text, str) or not clean(text):
            raise RetrievalError("has no text", row=repr(key), field="text", mend="give each passage words")
        texts[str(key)] = text.encode(errors="replace").decode()  # a lone surrogate cannot be stored
    return texts


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
