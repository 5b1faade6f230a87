"""What was heard so far, in SQLite: one writer, and every finished window is on the disk before the next begins."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS run (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    file TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, sha256 TEXT, reason TEXT,
    attempts INTEGER NOT NULL DEFAULT 0, facts TEXT NOT NULL DEFAULT '{}', present INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_by_content ON files (sha256);
CREATE TABLE IF NOT EXISTS contents (
    sha256 TEXT PRIMARY KEY, state TEXT NOT NULL, reason TEXT, attempts INTEGER NOT NULL DEFAULT 0,
    seconds REAL, bytes INTEGER, speakers TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS windows (
    sha256 TEXT, number INTEGER, start REAL, seconds REAL, kept TEXT, dropped TEXT, language TEXT,
    language_probability REAL, speech_seconds REAL, quality TEXT, PRIMARY KEY (sha256, number)
) WITHOUT ROWID;
"""
WINDOW = (
    "number", "start", "seconds", "kept", "dropped", "language", "language_probability", "speech_seconds", "quality",
)  # fmt: skip

_SAME = "size IS excluded.size AND mtime_ns IS excluded.mtime_ns"


class Manifest:
    """
    Everything hangs on the bytes of a recording (`contents`, `windows`): a copy is heard once, a renamed recording
    not again, a changed one anew. `files` says where these bytes lie.

    States of a content: `open`, `heard` (all windows are there, speakers are not), `done`, `quarantined`.

    Args:
        path: the SQLite file; made if it is not there.
    """

    def __init__(self, path: Path):
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.database = sqlite3.connect(path, timeout=60, isolation_level=None)
        self.database.row_factory = sqlite3.Row
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.executescript(_TABLES)

    def close(self) -> None:
        self.database.close()

    def ask(self, question: str, *values: Any) -> list[sqlite3.Row]:
        return self.database.execute(question, values).fetchall()

    def write(self, statement: str, rows: Iterable[tuple]) -> None:
        """One transaction."""
        with self.database:
            self.database.execute("BEGIN IMMEDIATE")
            self.database.executemany(statement, rows)

    # ── the run ──
    def get(self, name: str) -> Any:
        found = self.ask("SELECT value FROM run WHERE name = ?", name)
        return json.loads(found[0]["value"]) if found else None

    def put(self, name: str, value: Any) -> None:
        self.write("INSERT OR REPLACE INTO run VALUES (?, ?)", [(name, json.dumps(value, sort_keys=True))])

    def clear(self) -> None:
        """Forget everything."""
        with self.database:
            self.database.execute("BEGIN IMMEDIATE")
            for table in ("run", "files", "contents", "windows"):
                self.database.execute(f"DELETE FROM {table}")

    # ── files ──
    def set_files(self, rows: Iterable[tuple[str, int | None, int | None, str | None, str]]) -> None:
        """
        The recordings there are now: `(file, size, mtime_ns, reason, facts)`. What is known of a file is kept while
        its size and time of change are the same.
        """
        with self.database:
            self.database.execute("BEGIN IMMEDIATE")
            self.database.execute("UPDATE files SET present = 0")
            self.database.executemany(
                "INSERT INTO files (file, size, mtime_ns, reason, facts) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (file) DO UPDATE SET present = 1, facts = excluded.facts, "
                f"sha256 = CASE WHEN {_SAME} THEN sha256 END, "
                f"attempts = CASE WHEN {_SAME} THEN attempts ELSE 0 END, "
                f"reason = CASE WHEN {_SAME} THEN coalesce(excluded.reason, reason) ELSE excluded.reason END, "
                "size = excluded.size, mtime_ns = excluded.mtime_ns",
                rows,
            )

    def looked(self, file: str, sha256: str, size: int, seconds: float | None, reason: str | None) -> None:
        """A file's bytes and length are known, or why it cannot be heard."""
        with self.database:
            self.database.execute("BEGIN IMMEDIATE")
            self.database.execute("UPDATE files SET sha256 = ? WHERE file = ?", (sha256, file))
            self.database.execute(
                "INSERT OR IGNORE INTO contents (sha256, state, reason, seconds, bytes) VALUES (?, ?, ?, ?, ?)",
                (sha256, "quarantined" if reason else "open", reason, seconds, size),
            )

    def unlooked(self) -> list[str]:
        """Files that nobody has looked at."""
        rows = self.ask("SELECT file FROM files WHERE present AND sha256 IS NULL AND reason IS NULL ORDER BY file")
        return [row["file"] for row in rows]

    # ── contents ──
    def unfinished(self) -> list[sqlite3.Row]:
        """Contents still to hear, the longest first, each with the first `file` that holds it."""
        return self.ask(
            "SELECT c.*, min(f.file) AS file FROM contents c JOIN files f USING (sha256) "
            "WHERE f.present AND c.state IN ('open', 'heard') GROUP BY c.sha256 ORDER BY c.bytes DESC, c.sha256"
        )

    def heard(self, sha256: str, window: tuple) -> None:
        """A finished window, its values in the order of `WINDOW`."""
        marks = ", ".join("?" * (len(WINDOW) + 1))
        self.write(
            f"INSERT OR REPLACE INTO windows (sha256, {', '.join(WINDOW)}) VALUES ({marks})", [(sha256, *window)]
        )

    def heard_anything(self) -> bool:
        return bool(self.ask("SELECT 1 FROM windows LIMIT 1"))

    def lengths(self) -> dict[str, float]:
        """Seconds that were heard of each content that is still there."""
        rows = self.ask(
            "SELECT sha256, sum(seconds) AS seconds FROM windows "
            "WHERE sha256 IN (SELECT sha256 FROM files WHERE present) GROUP BY sha256"
        )
        return {row["sha256"]: row["seconds"] for row in rows}

    def windows(self, sha256: str) -> Iterator[sqlite3.Row]:
        """Of a content, in order."""
        return self.database.execute("SELECT * FROM windows WHERE sha256 = ? ORDER BY number", (sha256,))

    def move(self, sha256: str, state: str, reason: str | None = None, speakers: str | None = None) -> None:
        """A content into another state."""
        self.write(
            "UPDATE contents SET state = ?, reason = ?, speakers = coalesce(?, speakers) WHERE sha256 = ?",
            [(state, reason, speakers, sha256)],
        )

    def failed(self, kind: str, key: str) -> int:
        """Counts an attempt that took its worker down; how many there were."""
        table, column = ("files", "file") if kind == "look" else ("contents", "sha256")
        self.write(f"UPDATE {table} SET attempts = attempts + 1 WHERE {column} = ?", [(key,)])
        return self.ask(f"SELECT attempts FROM {table} WHERE {column} = ?", key)[0]["attempts"]

    def give_another_chance(self) -> None:
        """Quarantined recordings are heard again from where they stopped."""
        with self.database:
            self.database.execute("BEGIN IMMEDIATE")
            self.database.execute("UPDATE files SET reason = NULL, attempts = 0 WHERE reason IS NOT NULL")
            self.database.execute(
                "UPDATE contents SET state = 'open', reason = NULL, attempts = 0 WHERE state = 'quarantined'"
            )
