"""The journal: every event as a line of a file that only grows, on the disk before anybody is told that it is kept."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pixel.review.errors import ReviewError
from pixel.review.events import Event, check_link, read_event


class Journal:
    """
    Append to a journal.

    Args:
        file: made, with its folder, if it is not there; readable by its owner alone (it holds password hashes and
            what people said). A last line that was cut off in the middle is dropped: nobody was told of it.
    """

    def __init__(self, file: Path):
        self.file = file
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        whole = whole_length(file)
        if whole < os.fstat(self.descriptor).st_size:
            os.ftruncate(self.descriptor, whole)
        self._sync_folder()

    def append(self, events: Iterable[Event]) -> None:
        """Write events at the end; they are on the disk when this returns."""
        data = b"".join(event.line() for event in events)
        place = os.lseek(self.descriptor, 0, os.SEEK_END)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self.descriptor, view) :]
            os.fsync(self.descriptor)
        except OSError:
            os.ftruncate(self.descriptor, place)  # a full disk: no half line stays
            raise

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def _sync_folder(self) -> None:
        folder = os.open(self.file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def journal_events(file: Path) -> Iterator[Event]:
    """
    The events of a journal, each checked against the one before. A cut-off last line is passed over.

    Raises:
        ReviewError: a line that cannot be read or does not follow; names file and line.
    """
    last, left = None, whole_length(file)
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if (left := left - len(line)) < 0:
                return
            try:
                event = read_event(line)
            except (ValueError, TypeError):
                raise ReviewError(f"{file}, line {number}: is no event. Mend: put an unchanged copy there") from None
            check_link(event, last, f"{file}, line {number}")
            last = event
            yield event


def whole_length(file: Path) -> int:
    """Bytes up to the end of the last whole line."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        end = size
        while end:
            start = max(0, end - 65536)
            stream.seek(start)
            found = stream.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0
