"""Where a training run asks people for a verdict, and how long it waits for one."""

import json
import os
import re
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

VERDICTS = ("approve", "reject", "rollback")


class VerdictError(ValueError):
    """A verdict that cannot be read; names where it stands and the mend. The run keeps waiting for a readable one."""


class ReviewStore(Protocol):
    """What keeps requests and verdicts. The review package brings a database with the same two methods."""

    def request(self, content: dict[str, Any]) -> str:
        """
        Keep a request and return its id. A `content["id"]` is taken as the id; asking again under an id that is there
        keeps the first request and its verdict, so that a run that was cut off while it waited finds its answer.
        """

    def verdict(self, id: str) -> dict[str, Any] | None:
        """
        `{"verdict": "approve" | "reject" | "rollback", ...}`, or `None` while there is none.

        Raises:
            VerdictError: there is one, and it cannot be read.
        """


class FileReviewStore:
    """
    One folder: `ID.request.json` a request, and beside it `ID.verdict.json` once somebody has written it, such as
    `{"verdict": "approve", "reviewer": "dr_k", "comment": "..."}`. No file is ever half there.

    Args:
        folder: made if it is not there.

    Raises:
        OSError: the folder cannot be written to.

    Example:
        >>> import tempfile
        >>> store = FileReviewStore(tempfile.mkdtemp())
        >>> id = store.request({"step": 500})
        >>> store.verdict(id) is None
        True
        >>> store.give(id, "approve", reviewer="dr_k")
        >>> store.verdict(id)["verdict"]
        'approve'
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def request(self, content: dict[str, Any]) -> str:
        id = str(content.get("id") or uuid.uuid4().hex)
        file = self._file(id, "request")
        if not file.exists():
            _write(file, content | {"id": id})
        return id

    def verdict(self, id: str) -> dict[str, Any] | None:
        file = self._file(id, "verdict")
        try:
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise VerdictError(f"{file}: cannot be read ({error}). Mend: write it again, as UTF-8") from None
        try:
            content = json.loads(text)
        except json.JSONDecodeError as error:
            raise VerdictError(f'{file}: is not JSON ({error.msg}). Mend: write {{"verdict": "approve"}}') from None
        return checked(content, str(file))

    def give(self, id: str, verdict: str, **more: Any) -> None:
        """
        Write a verdict, as a reviewer's tool does.

        Raises:
            VerdictError: no such verdict.
        """
        _write(self._file(id, "verdict"), checked({"verdict": verdict, **more}, id))

    def _file(self, id: str, kind: str) -> Path:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}", id):
            raise ValueError(f"review id {id!r}: only letters, digits, dots, dashes and underscores")
        return self.folder / f"{id}.{kind}.json"


def checked(content: Any, place: str) -> dict[str, Any]:
    """
    A verdict as it should be.

    Raises:
        VerdictError: not an object, or not one of `VERDICTS`.
    """
    known = ", ".join(VERDICTS)
    if not isinstance(content, Mapping):
        raise VerdictError(f'{place}: is not a JSON object. Mend: write {{"verdict": one of {known}}}')
    if content.get("verdict") not in VERDICTS:
        raise VerdictError(f"{place}: there is no verdict {content.get('verdict')!r}. Mend: use one of {known}")
    return dict(content)


def await_verdict(
    look: Callable[[], dict[str, Any] | None],
    *,
    timeout: float,
    poll: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> dict[str, Any] | None:
    """
    Look for a verdict until there is one or `timeout` seconds have passed.

    Args:
        look: the verdict, or `None`. It does not raise for a bad one.
        timeout: in seconds; 0 looks once.
        poll: seconds between looks.
        clock, sleep: `time.monotonic` and `time.sleep`; others in tests.

    Returns:
        the verdict, or `None` at the time-out.
    """
    end = clock() + timeout
    while (verdict := look()) is None and (left := end - clock()) > 0:
        sleep(min(poll, left))
    return verdict


def _write(file: Path, content: Mapping[str, Any]) -> None:
    """Whole or not at all, and on the disk when this returns."""
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    with partial.open("w", encoding="utf-8") as stream:
        json.dump(content, stream, indent=2, ensure_ascii=False, allow_nan=False)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, file)
