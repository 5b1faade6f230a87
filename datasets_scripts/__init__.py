"""Builders, one a corpus: raw files -> conversations with labels -> parquet and a dataset card."""

import hashlib
import os
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from pixel.data.errors import ConversationError

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

CORPORA = (
    "epitome", "annomi", "goemotions", "meld", "emorynlp", "empatheticdialogues", "emobank", "esconv", "counselchat",
    "cssrs", "dreaddit", "persona_switching",
)  # fmt: skip

# What a build's content depends on in `pixel.data`, besides the labels.
_PARTS = ("schema", "encoding", "deidentify", "splits", "builder", "parquet")

__all__ = ["CORPORA", "builder_of", "load_corpus"]


def builder_of(name: str) -> ModuleType:
    """The module that builds a corpus: it has `CORPUS` and `rows`."""
    if name not in CORPORA:
        raise ConversationError(f"no corpus is called {name!r}", mend=f"use one of: {', '.join(CORPORA)}")
    return import_module(f"datasets_scripts.{name}")


def load_corpus(
    name: str,
    data_root: str | Path | None = None,
    deidentify: bool = True,
    cache_dir: str | Path | None = None,
    split: str | None = None,
    validation: float = 0.1,
    seed: int = 0,
) -> "DatasetDict | Dataset":
    """
    A corpus as conversations of the schema, built from its raw files at the first call and read from disk after that.

    Args:
        name: one of `CORPORA`.
        data_root: folder with the raw corpora, or `hub:org/name`; default `PIXEL_DATA_ROOT`.
        deidentify: whether text goes through `pixel.data.deidentify`.
        cache_dir: where builds are kept; default `PIXEL_CACHE`, else `~/.cache/pixel`. A build is named after the raw
            files' content, the code that read them and the options, so a stale one is never used.
        split: one split (a `Dataset`) instead of all.
        validation, seed: the group-safe split, where the corpus has no official one.

    Raises:
        ConversationError: unknown corpus or split, missing or damaged file.
    """
    from pixel.data.builder import find_root, write_corpus
    from pixel.data.parquet import load_folder

    builder = builder_of(name)
    root = Path() if builder.CORPUS.shipped else find_root(data_root)
    cache = Path(cache_dir or os.environ.get("PIXEL_CACHE") or "~/.cache/pixel").expanduser() / "corpora"
    version = _version(builder, root, f"{deidentify} {validation} {seed}")
    folder = cache / f"{name}-{version}"
    if not folder.is_dir():
        options = {"validation": validation, "seed": seed, "deidentify": deidentify}
        write_corpus(builder.CORPUS, builder.rows, root, folder, keep=True, **options)
    splits = load_folder(folder, folder / "arrow")
    if split is None:
        return splits
    if split not in splits:
        raise ConversationError(f"{name} has no split {split!r}", mend=f"use one of: {', '.join(splits)}")
    return splits[split]


def _version(builder: ModuleType, root: Path, options: str) -> str:
    """Sixteen hex digits over raw files, code and options."""
    digest = hashlib.sha256(options.encode())
    package = Path(import_module("pixel").__file__).parent
    code = [Path(builder.__file__), *(Path(__file__).with_name(f"{part}.py") for part in ("reading", "html_text"))]
    code += [package / "data" / f"{part}.py" for part in _PARTS] + sorted((package / "models").glob("labels*.py"))
    for path in [*builder.CORPUS.sources(root), *code]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
