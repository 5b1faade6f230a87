"""What a tracker has been given of a run, so that a resumed run goes on in the same place and doubles nothing."""

import json
import secrets
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pixel.data.whole_files import write_in_one_step

FILE = "tracking.json"
MOST_MISSED = 10_000


class Ledger:
    """
    The points (step and name) one tracker has, as a mark: all before `last`, and at `last` those in `names`, except
    what was `missed`.

    Args:
        run: id of the run.
        last, names, missed: as above; `names` is `None` where all there is at `last` was given.
    """

    def __init__(
        self,
        run: str,
        last: int = -1,
        names: Iterable[str] | None = (),
        missed: Mapping[int | str, Iterable[str]] | None = None,
    ):
        self.run, self.last, self._lock = run, last, threading.RLock()
        self.names = None if names is None else set(names)
        self.missed = {int(step): set(left) for step, left in (missed or {}).items()}

    def fresh(self, step: int, values: Mapping[str, float]) -> dict[str, float]:
        """
        Those of an entry that the tracker does not have.

        Example:
            >>> ledger = Ledger("r", last=5, names=["a"], missed={3: ["b"]})
            >>> [list(ledger.fresh(step, {"a": 1.0, "b": 2.0})) for step in (3, 4, 5, 6)]
            [['b'], [], ['b'], ['a', 'b']]
        """
        with self._lock:
            if step > self.last:
                return dict(values)
            left = self.missed.get(step, set())
            return {n: v for n, v in values.items() if n in left or self._new(step, n)}

    def _new(self, step: int, name: str) -> bool:
        return step == self.last and self.names is not None and name not in self.names

    def given(self, step: int, names: Iterable[str]) -> None:
        """The tracker took these."""
        names = set(names)
        with self._lock:
            if step > self.last:
                self.last, self.names = step, set()
            if step == self.last and self.names is not None:
                self.names |= names
            if step in self.missed:
                self.missed[step] -= names
                if not self.missed[step]:
                    del self.missed[step]

    def miss(self, step: int, names: Iterable[str]) -> None:
        """The tracker did not take these."""
        with self._lock:
            if step in self.missed or len(self.missed) < MOST_MISSED:
                self.missed.setdefault(step, set()).update(names)

    def back_to(self, step: int) -> None:
        """The tracker has nothing after this step, and all of it."""
        with self._lock:
            if step < self.last:
                self.last, self.names = step, None
                self.missed = {at: names for at, names in self.missed.items() if at <= step}

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        with self._lock:
            missed = {str(step): sorted(left) for step, left in sorted(self.missed.items())}
            names = None if self.names is None else sorted(self.names)
            return {"run": self.run, "last": self.last, "names": names, "missed": missed}


class Ledgers:
    """
    The ledgers of a run's trackers, in `OUTPUT/tracking.json`.

    Args:
        folder: the run's output folder.
    """

    def __init__(self, folder: str | Path):
        self.file, self._lock = Path(folder) / FILE, threading.Lock()
        self.by_tracker: dict[str, Ledger] = {}

    def open(self, trackers: Iterable[str], resumed: bool) -> None:
        """Those on file where the run is resumed, new ones otherwise or where the file cannot be read."""
        kept = self._read() if resumed else {}
        run = next((ledger.run for ledger in kept.values()), secrets.token_hex(4))
        self.by_tracker = {name: kept.get(name) or Ledger(run) for name in trackers}

    def _read(self) -> dict[str, Ledger]:
        try:
            return {name: Ledger(**said) for name, said in json.loads(self.file.read_text(encoding="utf-8")).items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def save(self) -> None:
        """Write the file; a disk that is full or gone is the business of whoever writes something that matters."""
        with self._lock:
            said = {name: ledger.as_dict() for name, ledger in self.by_tracker.items()}
            try:
                write_in_one_step(self.file, json.dumps(said) + "\n", durable=False)
            except OSError:
                pass
