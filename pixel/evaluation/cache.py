"""What a model said once is not asked again: values under keys, in a file that only grows."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

try:
    import fcntl
except ImportError:  # no POSIX: then one process at a time
    fcntl = None

_HEAD = b'{"key": "'
_KEY = 32  # hex digits


def key_of(*parts: Any) -> str:
    """A key (32 hex digits) of JSON values; equal values have equal keys, in every run."""
    words = json.dumps(parts, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(words, digest_size=_KEY // 2).hexdigest()


class LineCache:
    """
    One JSON line a value, `{"key": ..., "value": ...}`. Only the keys are held in memory.

    Lines are appended and handed to the operating system at once, so a killed process loses none that was put; a last
    line that is not whole is cut off by the next writer and passed over by readers. Several processes may write the
    same file: each holds it alone while it appends, and takes in what the others wrote.

    Args:
        file: where, or `None`: in memory only.
        writes: whether this process writes the file; the others keep in memory what they put.

    Example:
        >>> cache = LineCache(None)
        >>> cache.put({key_of("a"): [1, 2]})
        >>> cache.get(key_of("a")), key_of("b") in cache
        ([1, 2], False)
    """

    def __init__(self, file: str | Path | None, *, writes: bool = True):
        self.file, self.writes = None if file is None else Path(file), writes and file is not None
        self._memory: dict[str, bytes] = {}
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0
        if self.writes:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        self._catch_up()

    def _catch_up(self) -> None:
        """Take in the lines that were appended since."""
        try:
            if self.file is None or self.file.stat().st_size == self._end:
                return
            with self.file.open("rb") as lines:
                self._scan(lines)
        except FileNotFoundError:
            self._places, self._end = {}, 0

    def _scan(self, lines: BinaryIO) -> None:
        """Take in whole lines from where the last scan ended; a file that became shorter is read from its start."""
        if lines.seek(0, os.SEEK_END) < self._end:
            self._places, self._end = {}, 0
        lines.seek(self._end)
        for line in lines:
            if not line.endswith(b"\n"):
                break
            key = line[len(_HEAD) : len(_HEAD) + _KEY]
            if line.startswith(_HEAD) and line[len(_HEAD) + _KEY : len(_HEAD) + _KEY + 1] == b'"':
                self._places[key.decode("ascii", "replace")] = (self._end, len(line))
            self._end += len(line)

    def __contains__(self, key: str) -> bool:
        if key not in self._memory and key not in self._places:
            self._catch_up()
        return key in self._memory or key in self._places

    def __len__(self) -> int:
        return len(self._memory.keys() | self._places.keys())

    def get(self, key: str) -> Any:
        """
        Raises:
            KeyError: no such key.
        """
        return self.get_many([key])[0]

    def get_many(self, keys: Iterable[str]) -> list[Any]:
        """
        Values in the order of the keys.

        Raises:
            KeyError: one of them is not there, or its line is damaged (it is forgotten then, to be made again).
        """
        values, stream = [], None
        try:
            for key in keys:
                if key not in self:
                    raise KeyError(key)
                if key in self._memory:
                    values.append(json.loads(self._memory[key]))
                    continue
                start, length = self._places[key]
                try:
                    stream = stream or self.file.open("rb")
                    stream.seek(start)
                    line = json.loads(stream.read(length))
                    if line["key"] != key:
                        raise ValueError("another line stands there")
                    values.append(line["value"])
                except (ValueError, KeyError, TypeError, FileNotFoundError):
                    del self._places[key]
                    raise KeyError(key) from None
        finally:
            if stream is not None:
                stream.close()
        return values

    def sound(self, key: str) -> bool:
        """Whether the key is there and its value can be read."""
        try:
            self.get(key)
        except KeyError:
            return False
        return True

    def put(self, values: Mapping[str, Any]) -> None:
        """Keep values under their keys; they survive the process where there is a file."""
        lines = {}
        for key, value in values.items():
            words = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            words = words.encode("utf-8", "backslashreplace")
            if self.writes:
                lines[key] = _HEAD + key.encode("ascii") + b'", "value": ' + words + b"}\n"
            else:
                self._memory[key] = words
        if lines:
            with self.file.open("a+b") as stream:
                if fcntl is not None:
                    fcntl.flock(stream, fcntl.LOCK_EX)  # until the file is closed
                self._scan(stream)
                stream.truncate(self._end)  # half a line, of a writer that was killed
                for key, line in lines.items():
                    self._places[key] = (self._end, len(line))
                    self._end += len(line)
                    stream.write(line)
