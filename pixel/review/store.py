"""The review database: what pages, recipes and training runs speak with."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pixel.review.errors import ReviewError
from pixel.review.events import check_link
from pixel.review.gate import Gate
from pixel.review.gate_policy import GatePolicy
from pixel.review.mailbox import FileReviewStore, mailbox_folder
from pixel.review.tables import stored_event


class ReviewDatabase(Gate):
    """
    People, items, ratings and verdicts in one SQLite file with one writer (DELETE journal, synchronous FULL: local
    disk, not a network mount). Safe for threads.

    Beside the file: `NAME.db.lock`, held while it is open; `NAME.journal/events.jsonl`, every change as a line, from
    which a lost database is rebuilt when it is opened; `NAME.gate/`, where training runs ask.

    Args:
        path: of the database; made if it is not there.
        read_only: look only, also while another process writes. Every change raises `ReviewError`.
        clock: seconds since the epoch; another in tests.
        claim_seconds: how long an item is held for one person.
        policy: what ratings alone may decide about a training run.

    Raises:
        ReviewError: another process writes to it, it is damaged or something else, or journal and database disagree.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> row = {"id": "1", "messages": [{"role": "user", "content": "Hi"}]}
        >>> with ReviewDatabase(Path(folder.name) / "review.db") as database:
        ...     _ = database.add_reviewer("ann", "a long password")
        ...     _ = database.add_items([row], overlap=1)
        ...     given = database.next_item("ann")
        ...     answers = {"clinical_accuracy": None, "appropriateness": 4, "empathy": 3, "safety": 3}
        ...     receipt = database.submit("ann", given.item_id, given.token, answers)
        ...     receipt.number == database.verify(), database.next_item("ann")
        (True, None)
        >>> folder.cleanup()
    """

    backup: Any = None

    def __init__(
        self,
        path: str | Path,
        *,
        read_only: bool = False,
        clock: Callable[[], float] = time.time,
        claim_seconds: float = 1800.0,
        policy: GatePolicy | None = None,
    ):
        super().__init__(path, read_only=read_only, clock=clock)
        self.claim_seconds, self.policy, self._delivered = claim_seconds, policy or GatePolicy(), set()
        if not read_only:
            try:
                self._mailbox = FileReviewStore(mailbox_folder(self.path))
                self.read_mailbox()
            except BaseException as error:
                self.close()
                if isinstance(error, OSError):
                    place = mailbox_folder(self.path)
                    raise ReviewError(f"{place}: {error.strerror}. Mend: make it writable") from None
                raise

    def close(self) -> None:
        """Close the database, let another process have it, and copy the journal out where a backup runs."""
        super().close()
        backup, self.backup = self.backup, None
        if backup is not None:
            try:
                backup.trigger().result()
            except Exception as error:  # the journal is still here; the next start copies it
                print(f"The journal was not copied to the Hub ({type(error).__name__}).", file=sys.stderr, flush=True)
            backup.stop()

    def export(self, folder: str | Path, *, by: str | None = None) -> dict[str, Path]:
        """
        Write what was learnt, de-identified, for training: see `pixel.review.export`. Told to the audit trail,
        unless this is open to read only.

        Args:
            folder: made if it is not there; files of an earlier export are replaced.
            by: the admin who does it; `None`: whoever holds the file.

        Returns:
            `sft`, `preferences`, `labels`, `ratings`, `card` -> file.

        Raises:
            ReviewError: `by` is no admin, or the folder cannot be written to.
        """
        from pixel.review.export import write_export

        who = self._admin(by)
        files = write_export(self, folder)
        if not self.read_only:
            with self._change():
                self._record(who, "exported", files=sorted(files))
        return files

    def audit(self, limit: int = 200) -> list[dict[str, Any]]:
        """The newest `limit` events, newest first: `{"number", "at", "who", "kind", "item", "hash"}`; no text."""
        rows = self._rows("SELECT * FROM events ORDER BY number DESC LIMIT ?", max(0, int(limit)))
        shown = []
        for event in map(stored_event, rows):
            about = event.content.get("item") or event.content.get("id") or event.content.get("name")
            shown.append(
                {"number": event.number, "at": event.at, "who": event.who, "kind": event.kind}
                | {"item": about, "hash": event.hash}
            )
        return shown

    def verify(self) -> int:
        """
        Check the whole chain of events.

        Returns:
            how many there are.

        Raises:
            ReviewError: one was changed or is missing; names it.
        """
        last, number = None, 0
        while rows := self._rows("SELECT * FROM events WHERE number > ? ORDER BY number LIMIT 500", number):
            for event in map(stored_event, rows):
                check_link(event, last, self.path.name)
                last, number = event, event.number
        return number
