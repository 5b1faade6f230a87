"""From a corpus's raw files to a dataset folder: schema, de-identification, group-safe splits, parquet, card, Hub."""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixel.data.dataset_card import Counts, dataset_card
from pixel.data.deidentify import deidentify_row
from pixel.data.errors import ConversationError
from pixel.data.parquet import ParquetSplits, load_folder, put_in_place
from pixel.data.splits import TRAIN, VALIDATION, side

Rows = Callable[..., Iterator[dict[str, Any]]]


@dataclass(frozen=True)
class Corpus:
    """
    What a corpus is, before anything is read.

    Attributes:
        name: short name, also the `source` of its rows and the name of its module.
        folder: where its raw files lie below the data root.
        files: raw files that must be there.
        optional: raw files that are read where they are there (a test split).
        licence: SPDX name, or words where no licence was given.
        homepage, citation: where it comes from and what to cite.
        mapping: Markdown, how its labels become labels of the schema.
        official_splits: whether the corpus says which split a row is in (then `rows` adds the key `split`).
        title: name for people.
        limits: what a reader of the card should know besides.
    """

    name: str
    folder: str
    files: tuple[str, ...]
    licence: str
    homepage: str
    citation: str
    mapping: str
    official_splits: bool = False
    title: str = ""
    optional: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    shipped = False  # whether its files come with Pixel, so that no data root is needed

    def path(self, root: str | Path) -> Path:
        """The folder of the raw files: `root/folder`, or `root` itself if the files lie right there."""
        root = Path(root)
        inner = root / self.folder
        return inner if inner.is_dir() or not all((root / name).is_file() for name in self.files) else root

    def sources(self, root: str | Path) -> list[Path]:
        """The raw files that are there. Raises `ConversationError` if one that must be there is missing."""
        folder = self.path(root)
        for name in self.files:
            if not (folder / name).is_file():
                raise ConversationError(
                    "file not found", file=folder / name, mend=f"give --data_root the folder that holds {self.folder}/"
                )
        return [folder / name for name in (*self.files, *self.optional) if (folder / name).is_file()]


def find_root(data_root: str | Path | None) -> Path:
    """
    The data root: a folder, `hub:org/name` (a dataset repository on the Hub, downloaded), or `PIXEL_DATA_ROOT`.

    Raises:
        ConversationError: neither given nor in the environment, or not a folder.
    """
    root = data_root or os.environ.get("PIXEL_DATA_ROOT")
    if not root:
        raise ConversationError("no data root", mend="give --data_root or set PIXEL_DATA_ROOT")
    if str(root).startswith("hub:"):
        from huggingface_hub import snapshot_download

        try:
            return Path(snapshot_download(str(root).removeprefix("hub:"), repo_type="dataset"))
        except Exception as error:  # whatever the network raises
            raise ConversationError(f"cannot be downloaded: {error}", file=root, mend="give a local folder") from error
    if not Path(root).is_dir():
        raise ConversationError("the data root is not a folder", file=root, mend="give --data_root an existing folder")
    return Path(root)


def write_corpus(
    corpus: Corpus,
    rows: Rows,
    root: Path,
    target: Path,
    *,
    validation: float = 0.1,
    seed: int = 0,
    limit: int | None = None,
    deidentify: bool = True,
    skip_bad_rows: bool = False,
    progress: bool = False,
    keep: bool = False,
) -> Path:
    """
    Write a corpus as a dataset folder: `data/SPLIT-00000-of-00001.parquet`, `README.md`, and `skipped.jsonl` if any.

    All is written to a temporary sibling of `target`, which takes the target's place only when complete.

    Args:
        corpus: what to build.
        rows: its generator, `rows(root, skipped)`.
        root: data root.
        target: folder to write; an earlier build there is replaced.
        validation, seed: the group-safe split, where the corpus has no official one.
        limit: at most that many conversations a split.
        deidentify: whether text goes through `deidentify`.
        skip_bad_rows: leave damaged rows out and list them, instead of failing at the first.
        progress: show a bar.
        keep: leave a build that another process put in the target's place meanwhile.

    Raises:
        ConversationError: a file is missing or a row is damaged; or `target` is a folder that no build wrote.
    """
    corpus.sources(root)
    if not 0.0 <= validation < 1.0:
        raise ConversationError(f"validation {validation} is outside [0, 1)", mend="give a share such as 0.1")
    if limit is not None and limit < 1:
        raise ConversationError(f"limit {limit} leaves nothing", mend="give 1 or more")
    if target.exists() and not (target / "README.md").is_file() and any(target.iterdir()):
        raise ConversationError("folder is in the way and was not built here", file=target, mend="move it away")
    target.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        skipped: list[ConversationError] | None = [] if skip_bad_rows else None
        counts: dict[str, Counts] = {}
        with ParquetSplits(workshop / "data") as parquet:
            for row in _bar(_unique(rows(root, skipped), skipped), corpus, progress):
                split, names = row.pop("split", None), row.pop("names", ())
                split = split or side(row["group"], validation, seed)
                count = counts.setdefault(split, Counts())
                if limit is None or count.rows < limit:
                    row = deidentify_row(row, names) if deidentify else row
                    parquet.write(split, row)
                    count.add(row)
        if not counts:
            raise ConversationError("no conversation came out", file=corpus.path(root), mend="check the raw files")
        if skipped:
            lines = (json.dumps(_without_text(error)) + "\n" for error in skipped)
            (workshop / "skipped.jsonl").write_text("".join(lines), encoding="utf-8")
        how = f"By hash of `group` (seed {seed}), {validation:.0%} of groups for validation, no group on both sides."
        how = "The corpus's official splits." if corpus.official_splits else how
        order = {name: counts[name] for name in (TRAIN, VALIDATION, "test") if name in counts}
        card = dataset_card(corpus, order, deidentified=deidentify, skipped=len(skipped or ()), how_split=how)
        (workshop / "README.md").write_text(card, encoding="utf-8")
        workshop.chmod(0o755)
        put_in_place(workshop, target, keep=keep)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return target


def push(folder: Path, hub_id: str, *, private: bool = True) -> None:
    """Push a built folder to the Hub, the card last, so that a visible card means complete data."""
    from huggingface_hub import HfApi

    with tempfile.TemporaryDirectory() as cache:
        load_folder(folder, cache).push_to_hub(hub_id, private=private)
    HfApi().upload_file(
        path_or_fileobj=folder / "README.md", path_in_repo="README.md", repo_id=hub_id, repo_type="dataset"
    )


def main(corpus: Corpus, rows: Rows, arguments: list[str] | None = None) -> None:
    """The command line that every builder shares; ends by printing the folder written."""
    parser = argparse.ArgumentParser(description=f"Build {corpus.title} ({corpus.licence}).")
    parser.add_argument("--data_root", help=f"holds {corpus.folder}/; or hub:org/name; default $PIXEL_DATA_ROOT")
    parser.add_argument("--output_dir", required=True, type=Path, help=f"the corpus goes to OUTPUT_DIR/{corpus.name}")
    parser.add_argument("--hub_id", help="org/name of the dataset repository to push to")
    parser.add_argument("--push_to_hub", action="store_true")
    parser.add_argument("--public", action="store_true", help="push to a public repository (default: private)")
    parser.add_argument("--validation", type=float, default=0.1, help="share of groups; unused with official splits")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, help="at most that many conversations a split")
    parser.add_argument("--no_deidentify", action="store_true")
    parser.add_argument("--skip_bad_rows", action="store_true", help="leave damaged rows out, list them, go on")
    args = parser.parse_args(arguments)
    if args.push_to_hub and not args.hub_id:
        parser.error("--push_to_hub needs --hub_id org/name")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a stopped run removes what it began
    try:
        folder = write_corpus(
            corpus, rows, find_root(args.data_root), args.output_dir / corpus.name,
            validation=args.validation, seed=args.seed, limit=args.limit, deidentify=not args.no_deidentify,
            skip_bad_rows=args.skip_bad_rows, progress=True,
        )  # fmt: skip
    except (ConversationError, OSError) as error:
        parser.exit(1, f"error: {error}\n")
    print(folder)
    if args.push_to_hub:
        try:
            push(folder, args.hub_id, private=not args.public)
        except Exception as error:  # whatever the network raises: the local build stands, say how to go on
            again = shlex.join([sys.executable, *sys.argv]) if arguments is None else "the same command"
            parser.exit(1, f"error: built, but not pushed to {args.hub_id}: {error}\nMend: try again with {again}\n")


def _unique(rows: Iterator[dict[str, Any]], skipped: list[ConversationError] | None) -> Iterator[dict[str, Any]]:
    """Rows whose id has not come before; a repeated id is a damaged row."""
    seen: set[str] = set()
    for row in rows:
        if row["id"] in seen:
            error = ConversationError("appears twice", row=row["id"], field="id", mend="remove one of the rows")
            if skipped is None:
                raise error
            skipped.append(error)
        else:
            seen.add(row["id"])
            yield row


def _bar(rows: Iterator[dict[str, Any]], corpus: Corpus, progress: bool) -> Iterator[dict[str, Any]]:
    from tqdm import tqdm

    return iter(tqdm(rows, desc=corpus.name, unit=" conversations", disable=not progress))


def _without_text(error: ConversationError) -> dict[str, Any]:
    """A damaged row for the list of skipped ones: place and reason, with quoted cell values cut out."""
    reason = re.sub(r"'.*'|\".*\"", "...", error.problem, flags=re.DOTALL)
    return {"file": Path(error.file or "").name, "row": error.row, "field": error.field, "reason": reason}
