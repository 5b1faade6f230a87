"""The Hub as a safe place for the journal: copied out while the review runs, fetched back when the disk is new."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from pixel.review.errors import ReviewError
from pixel.review.gate_policy import GatePolicy
from pixel.review.journal import whole_length
from pixel.review.ledger import journal_file
from pixel.review.store import ReviewDatabase

EVERY = 5
"""Minutes between copies."""


def open_review(path: str | Path | None = None, repo_id: str | None = None, **options: Any) -> ReviewDatabase:
    """
    Open the review as a server does: from its file, else from the journal beside it, else from the Hub.

    Args:
        path: of the database; default `$PIXEL_REVIEW_DB`, or `review.db`.
        repo_id: dataset on the Hub that holds the journal; default `$PIXEL_REVIEW_REPO`, or none. It is made where
            there is none, private; the journal holds what people said and the hashes of passwords. A public one is
            refused. The journal is copied there every five minutes and at the end, by
            `huggingface_hub.CommitScheduler`.
        options: of `ReviewDatabase`. Without a `policy`, `$PIXEL_REVIEW_POLICY` is read (see `GatePolicy.read`).

    Raises:
        ReviewError: as `ReviewDatabase`; or the Hub cannot be reached: what is opened without looking there, empty or
            old, would later take the place of what is there.
    """
    path = Path(path or os.environ.get("PIXEL_REVIEW_DB") or "review.db")
    repo_id = repo_id or os.environ.get("PIXEL_REVIEW_REPO") or None
    if "policy" not in options and (said := os.environ.get("PIXEL_REVIEW_POLICY")):
        options["policy"] = GatePolicy.read(said)
    if repo_id is None:
        return ReviewDatabase(path, **options)
    repo_id = _ready(repo_id)
    fetch_journal(path, repo_id)
    database = ReviewDatabase(path, **options)
    database.backup = copy_out(path, repo_id)
    return database


def restore_review(
    path: str | Path, *, journal: str | Path | None = None, repo_id: str | None = None
) -> ReviewDatabase:
    """
    Rebuild a lost database.

    Args:
        path: where it is to be; there must be none.
        journal: a copy of `events.jsonl`; `None`: the one beside `path`, or the one in `repo_id`.
        repo_id: dataset on the Hub that has the journal.

    Returns:
        the open database, its chain checked. Claims and failed sign-ins are not in a journal and begin anew.

    Raises:
        ReviewError: there is a database, there is no journal, or it was changed.
    """
    path, place = Path(path), journal_file(path)
    if path.exists():
        raise ReviewError(f"{path} is there. Mend: move it away first")
    if journal is not None or repo_id is not None:
        if place.exists():
            raise ReviewError(f"{place} is there. Mend: move it away, or restore from it")
        if journal is None:
            fetch_journal(path, repo_id)
        elif Path(journal).is_file():
            _put(journal, place)
    if not place.is_file():
        raise ReviewError(f"{journal or repo_id or place}: there is no journal. Mend: name a copy of events.jsonl")
    return ReviewDatabase(path)


def copy_out(path: str | Path, repo_id: str, every: float = EVERY):
    """
    Start copying a database's journal to a dataset that exists.

    Returns:
        the running `huggingface_hub.CommitScheduler`; `trigger().result()` copies at once.
    """
    from huggingface_hub import CommitScheduler

    return CommitScheduler(
        repo_id=repo_id, repo_type="dataset", folder_path=journal_file(path).parent, path_in_repo="journal",
        every=every, private=True, allow_patterns=journal_file(path).name,
    )  # fmt: skip


def fetch_journal(path: str | Path, repo_id: str) -> bool:
    """
    Put the Hub's journal beside a database that is to be opened, where it goes on from the one that is there.

    Returns:
        whether the Hub has one; none is a review that begins.

    Raises:
        ReviewError: the Hub cannot be reached, or its journal and the one here tell different stories: neither may
            take the other's place.
    """
    from huggingface_hub import HfApi, hf_hub_download

    place = journal_file(path)
    with tempfile.TemporaryDirectory() as folder:  # not the cache: it would keep what people said
        try:
            if not HfApi().file_exists(repo_id, f"journal/{place.name}", repo_type="dataset"):
                return False
            kept = hf_hub_download(repo_id, f"journal/{place.name}", repo_type="dataset", local_dir=folder)
        except Exception as error:  # the network has many faces
            raise _unreachable(repo_id, error) from None
        here = place.read_bytes()[: whole_length(place)] if place.is_file() else b""
        there = Path(kept).read_bytes()[: whole_length(Path(kept))]
        if not here.startswith(there):
            if not there.startswith(here):
                raise ReviewError(f"{place} and {repo_id} tell different stories. Mend: move the wrong journal away")
            _put(kept, place)
    return True


def _ready(repo_id: str) -> str:
    """The whole name of a private dataset that can be written to; made where there is none."""
    from huggingface_hub import HfApi

    try:
        api = HfApi()
        url = api.create_repo(repo_id, repo_type="dataset", private=True, exist_ok=True)
        private = api.repo_info(url.repo_id, repo_type="dataset").private
    except Exception as error:
        raise _unreachable(repo_id, error) from None
    if not private:
        raise ReviewError(f"{repo_id} is public; the journal holds what people said. Mend: make it private")
    return url.repo_id


def _put(kept: str | Path, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = file.with_suffix(".partial")
    shutil.copyfile(kept, partial)
    os.chmod(partial, 0o600)
    os.replace(partial, file)


def _unreachable(repo_id: str, error: Exception) -> ReviewError:
    return ReviewError(
        f"the journal in {repo_id} cannot be looked at ({type(error).__name__}). "
        "Mend: see to the network and HF_TOKEN, or start without a repository"
    )
