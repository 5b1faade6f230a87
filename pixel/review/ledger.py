"""The ledger: an open database, its one writer, and the road of a change into table, chain and journal."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pixel.review import tables
from pixel.review.errors import ReviewError
from pixel.review.events import Event, check_link, next_event
from pixel.review.journal import Journal, journal_events
from pixel.review.writer_lock import WriterLock


def journal_file(path: str | Path) -> Path:
    """Where the journal of a database is: in a folder of its own, which is what goes to the Hub."""
    return Path(path).with_suffix(".journal") / "events.jsonl"


class Ledger:
    """
    Args:
        path: of the database; made, with its folder, if it is not there, or rebuilt from the journal beside it.
        read_only: look only.
        clock: seconds since the epoch.

    A change happens in one transaction: tables, events, commit; then the journal; and only then the caller hears of
    it. What was committed and not yet journalled when a process died is journalled at the next opening; what the
    journal has and the database has not (a database put back from an older copy) is done again.

    Raises:
        ReviewError: see `ReviewDatabase`.
    """

    def __init__(self, path: str | Path, *, read_only: bool, clock: Callable[[], float]):
        self.path, self.read_only, self.clock = Path(path), read_only, clock
        self._lock, self._depth, self._new = threading.RLock(), 0, []
        self._then: list[Callable[[], None]] = []  # done once the running change is kept
        self._writer = self._journal = self._database = None
        self._made = False
        try:
            self._open()
            self._last = self._last_event()
            if not read_only:
                self._journal = Journal(journal_file(self.path))
                self._join_journal()
        except BaseException as error:
            if self._made:  # nothing was restored into it: the next try begins with none again
                self.path.unlink(missing_ok=True)
            self.close()
            if isinstance(error, sqlite3.Error):
                raise ReviewError(
                    f"{self.path}: {error}. Mend: if it is damaged, move it away; it is rebuilt from its journal"
                ) from None
            if isinstance(error, OSError):
                raise ReviewError(f"{self.path}: {error.strerror}. Mend: name a place to write to") from None
            raise

    def close(self) -> None:
        """Close the database and let another process have it."""
        with self._lock:
            for held in (self._database, self._journal):
                if held is not None:
                    held.close()
            self._database = self._journal = None
            if self._writer is not None:
                self._writer.release()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ── looking ──

    def _rows(self, query: str, *values: Any) -> list[tuple]:
        with self._lock:
            if self._database is None:
                raise ReviewError(f"{self.path.name} is closed. Mend: open it again")
            return self._database.execute(query, values).fetchall()

    def _row(self, query: str, *values: Any) -> tuple | None:
        found = self._rows(query, *values)
        return found[0] if found else None

    # ── changing ──

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One transaction; journalled when it is over. An error inside leaves nothing. May be nested."""
        with self._lock:
            if self.read_only:
                raise ReviewError(f"{self.path.name} is open to read only. Mend: open it for writing")
            if self._database is None:
                raise ReviewError(f"{self.path.name} is closed. Mend: open it again")
            if self._depth:
                yield self._database
                return
            last = self._last
            self._depth, self._new, self._then = 1, [], []
            try:
                self._database.execute("BEGIN IMMEDIATE")
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                self._last = last
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0
            if self._new:
                self._to_journal(self._new)
            for do in self._then:
                do()

    def _record(self, who: str, kind: str, **content: Any) -> Event:
        """Add an event to the running change and do it."""
        event = next_event(self._last, self.clock(), who, kind, content)
        tables.keep(self._database, event)
        self._last = event
        self._new.append(event)
        return event

    def _to_journal(self, events: list[Event]) -> None:
        try:
            self._journal.append(events)
        except OSError as error:
            self.close()  # database and journal are joined at the next opening
            raise ReviewError(
                f"the journal cannot be written ({error.strerror}); it is closed. Mend: make room and start again"
            ) from None

    # ── opening ──

    def _open(self) -> None:
        if self.read_only:
            if not self.path.is_file():
                raise ReviewError(f"{self.path}: there is no database. Mend: check the path")
            self._database = self._connect(f"{self.path.absolute().as_uri()}?mode=ro")
            if self._database.execute("PRAGMA user_version").fetchone()[0] != tables.VERSION:
                raise ReviewError(f"{self.path}: is no review database. Mend: check the path")
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = WriterLock(self.path.with_name(self.path.name + ".lock"))
        self._made = not self.path.exists()
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        self._database = self._connect(self.path.absolute().as_uri())
        for setting in ("journal_mode = DELETE", "synchronous = FULL", "foreign_keys = ON"):
            self._database.execute(f"PRAGMA {setting}")
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and self._database.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
            raise ReviewError(f"{self.path}: is a database of something else. Mend: name another file")
        if version not in (0, tables.VERSION):
            raise ReviewError(
                f"{self.path}: is of another version. Mend: move it away; it is rebuilt from its journal"
            )
        if version == 0:
            self._database.execute("BEGIN IMMEDIATE")
            tables.make(self._database)
            self._database.execute("COMMIT")

    @staticmethod
    def _connect(address: str) -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, timeout=30, isolation_level=None, check_same_thread=False)

    def _last_event(self) -> Event | None:
        row = self._database.execute("SELECT * FROM events ORDER BY number DESC LIMIT 1").fetchone()
        return tables.stored_event(row) if row else None

    def _join_journal(self) -> None:
        """What only the journal has is done again; what only the database has is journalled."""
        file, known = journal_file(self.path), self._last.number if self._last else 0
        last, ahead = None, 0
        self._database.execute("BEGIN IMMEDIATE")
        try:
            for event in journal_events(file):
                if event.number == known and event.hash != self._last.hash:
                    raise ReviewError(
                        f"{self.path} and {file} tell different stories. Mend: move the wrong one of the two away"
                    )
                if event.number > known:
                    if event.number == known + 1:
                        check_link(event, self._last, str(file))
                    tables.keep(self._database, event)
                    ahead += 1
                last = event
            self._database.execute("COMMIT")
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        if ahead:
            self._last = last
        written = last.number if last else 0
        missing = self._rows("SELECT * FROM events WHERE number > ? ORDER BY number", written)
        if missing:
            missing = [tables.stored_event(row) for row in missing]
            if last is not None:
                check_link(missing[0], last, str(file))
            self._to_journal(missing)
