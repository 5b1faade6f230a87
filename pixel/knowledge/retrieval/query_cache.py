"""Embeddings of queries, kept: the last ones in memory, all of them on disk if a file is named."""

import hashlib
import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np


class QueryCache:
    """
    Looks up a query's embedding before it is computed (which takes some 30 ms of a processor core).

    Args:
        encode: text -> float32 `[size]`; called for what is not there.
        space: says which encoder it is; embeddings of another space are never handed out.
        most: embeddings in memory; the least recently used goes first.
        file: also keep them here (SQLite; several processes may share it). A file that cannot be used is left
            alone: the cache then works in memory.

    Attributes:
        hits, misses: how often a query was known, and was not.

    Example:
        >>> cache = QueryCache(lambda text: np.zeros(3, np.float32), "none", most=2)
        >>> _ = cache("a"), cache("a"); cache.hits, cache.misses
        (1, 1)
    """

    def __init__(
        self, encode: Callable[[str], np.ndarray], space: str, most: int = 4096, file: str | Path | None = None
    ):
        self._encode, self._space, self._most = encode, space, most
        self._memory: OrderedDict[str, np.ndarray] = OrderedDict()
        self.hits = self.misses = 0
        self._disk = _open(file) if file else None

    def __call__(self, text: str) -> np.ndarray:
        """float32 `[size]`, read-only."""
        vector = self._memory.get(text)
        if vector is None:
            vector = self._read(text)
        if vector is None:
            self.misses += 1
            vector = np.ascontiguousarray(self._encode(text), dtype=np.float32)
            self._write(text, vector)
        else:
            self.hits += 1
        vector.flags.writeable = False
        self._memory[text] = vector
        self._memory.move_to_end(text)
        if len(self._memory) > self._most:
            self._memory.popitem(last=False)
        return vector

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._space}\n{text}".encode(errors="surrogatepass")).digest()

    def _read(self, text: str) -> np.ndarray | None:
        if self._disk is None:
            return None
        try:
            row = self._disk.execute("SELECT vector FROM queries WHERE key = ?", (self._key(text),)).fetchone()
        except sqlite3.Error:
            return None
        return np.frombuffer(row[0], dtype=np.float32).copy() if row else None

    def _write(self, text: str, vector: np.ndarray) -> None:
        if self._disk is None:
            return
        try:
            with self._disk:
                self._disk.execute("INSERT OR REPLACE INTO queries VALUES (?, ?)", (self._key(text), vector.tobytes()))
        except sqlite3.Error:
            pass  # another process holds it, or the disk is full: the embedding is only not kept


def _open(file: str | Path) -> sqlite3.Connection | None:
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(file, timeout=1.0, check_same_thread=False)
        connection.execute("CREATE TABLE IF NOT EXISTS queries (key BLOB PRIMARY KEY, vector BLOB)")
    except (OSError, sqlite3.Error):
        return None
    return connection
