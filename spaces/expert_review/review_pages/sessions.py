"""Who is signed in, kept on disk, so that a restarted server still knows its people."""

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path

LIFE = 12 * 3600.0  # seconds a sign-in lasts
SESSIONS = 5000  # kept at most; the oldest go first


class Sessions(MutableMapping):
    """
    Sign-in tokens and the account names behind them, in place of the dictionary that Gradio keeps in memory.

    Only SHA-256 digests of tokens are written, so that whoever reads the file cannot sign in with it.

    Args:
        file: made with mode 600; a file that cannot be read means that people sign in again.
        life: seconds a token is good for.
        clock: another one in tests.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "sessions.json"
        >>> Sessions(file)["token"] = "dr_k"
        >>> Sessions(file).get("token"), Sessions(file).get("other"), "token" in file.read_text()
        ('dr_k', None, False)
    """

    def __init__(self, file: str | Path, life: float = LIFE, clock: Callable[[], float] = time.time):
        self.file, self.life, self.clock = Path(file), life, clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, float]] = {}
        try:
            for digest, (name, ends) in json.loads(self.file.read_text(encoding="utf-8")).items():
                self._kept[_Digest(digest)] = (str(name), float(ends))
        except (OSError, ValueError, TypeError, AttributeError):
            self._kept = {}

    def __getitem__(self, token: str | None) -> str:
        name, ends = self._kept[_key(token)]
        if ends < self.clock():
            raise KeyError("expired")
        return name

    def __setitem__(self, token: str, name: str) -> None:
        with self._lock:
            now = self.clock()
            kept = {key: entry for key, entry in self._kept.items() if entry[1] >= now}
            kept[_key(token)] = (name, now + self.life)
            self._keep(dict(sorted(kept.items(), key=lambda entry: entry[1][1])[-SESSIONS:]))

    def __delitem__(self, token: str) -> None:
        with self._lock:
            kept = dict(self._kept)
            del kept[_key(token)]
            self._keep(kept)

    def __contains__(self, token: object) -> bool:
        return isinstance(token, str) and self.get(token) is not None

    def __iter__(self) -> Iterator[str]:
        now = self.clock()
        return iter([digest for digest, (_, ends) in self._kept.items() if ends >= now])  # `_key` leaves these alone

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def forget(self, name: str) -> None:
        """End every sign-in of one account, in whatever case its name was typed."""
        with self._lock:
            self._keep({key: entry for key, entry in self._kept.items() if entry[0].lower() != name.lower()})

    def _keep(self, kept: dict[str, tuple[str, float]]) -> None:
        partial = self.file.with_name(f".{self.file.name}.partial")
        with os.fdopen(
            os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as stream:
            json.dump(kept, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, self.file)
        self._kept = kept


def _key(token: str | None) -> str:
    return _Digest(hashlib.sha256((token or "").encode()).hexdigest()) if not isinstance(token, _Digest) else token


class _Digest(str):
    """A digest already taken: what iteration hands out, and what deletion by it takes back."""
