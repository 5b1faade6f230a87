"""The mailbox: a folder through which a training run asks and people answer, across processes and machines."""

import json
import os
import re
import uuid
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

VERDICTS = ("approve", "reject", "rollback")
LARGEST = 50_000_000


class VerdictError(ValueError):
    """A verdict that cannot be read; names where it stands and the mend. The run keeps waiting for a readable one."""


def mailbox_folder(database: str | Path) -> Path:
    """The mailbox of a review database: beside it, so that both sides find it by the database's name."""
    return Path(database).with_suffix(".gate")


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
        """
        Keep a request and return its id. A `content["id"]` is taken as the id; asking again under an id that is there
        keeps the first request.

        Raises:
            ValueError: an id that is no file name.
        """
        id = str(content.get("id") or uuid.uuid4().hex)
        file = self._file(id, "request")
        if not file.exists():
            _write(file, content | {"id": id})
        return id

    def verdict(self, id: str) -> dict[str, Any] | None:
        """
        `{"verdict": one of VERDICTS, ...}`, or `None` while there is none.

        Raises:
            VerdictError: there is one, and it cannot be read.
            ValueError: an id that is no file name.
        """
        file = self._file(id, "verdict")
        try:
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise VerdictError(f"{file}: cannot be read ({error}). Mend: write it again, as UTF-8") from None
        try:
            content = _content(text)
        except (ValueError, RecursionError) as error:
            what = getattr(error, "msg", "it holds what JSON cannot")
            raise VerdictError(f'{file}: is not JSON ({what}). Mend: write {{"verdict": "approve"}}') from None
        return checked_verdict(content, str(file))

    def give(self, id: str, verdict: str, **more: Any) -> None:
        """
        Write a verdict, as a reviewer's tool does.

        Raises:
            VerdictError: no such verdict.
        """
        _write(self._file(id, "verdict"), checked_verdict({"verdict": verdict, **more}, id))

    def requests(self, known: Container[str] = ()) -> list[dict[str, Any]]:
        """
        Requests that can be read, oldest first, without those whose id is in `known`. What is no request, or larger
        than `LARGEST` bytes, is passed over: anybody may write here.
        """
        found = []
        for file in self.folder.glob("*.request.json"):
            id = file.name.removesuffix(".request.json")
            if id in known:
                continue
            try:
                written, size = file.stat().st_mtime, file.stat().st_size
                if size > LARGEST:
                    continue
                content = _content(file.read_text(encoding="utf-8"))
            except (OSError, ValueError, RecursionError):
                continue
            if isinstance(content, dict) and content.get("id") == id and re.fullmatch(_ID, id):
                found.append((written, id, content))
        return [content for _, _, content in sorted(found, key=lambda one: one[:2])]

    def _file(self, id: str, kind: str) -> Path:
        if not re.fullmatch(_ID, id):
            raise ValueError(f"review id {id!r}: only letters, digits, dots, dashes and underscores")
        return self.folder / f"{id}.{kind}.json"


_ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}"


def checked_verdict(content: Any, place: str) -> dict[str, Any]:
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


def _content(text: str) -> Any:
    """
    JSON that can be written down again: no `NaN`, no half characters.

    Raises:
        ValueError, RecursionError: something else.
    """
    content = json.loads(text)
    json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8")
    return content


def _write(file: Path, content: Mapping[str, Any]) -> None:
    """Whole or not at all, and on the disk when this returns."""
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    data = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False).encode("utf-8")
    with partial.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, file)
