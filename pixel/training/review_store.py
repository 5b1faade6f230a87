"""Where a training run asks people for a verdict, and how long it waits for one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from pixel.review.mailbox import FileReviewStore, mailbox_folder

DATABASES = (".db", ".sqlite", ".sqlite3")


class ReviewStore(Protocol):
    """What keeps requests and verdicts: the mailbox of `pixel.review`, or a review database in the same process."""

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


def review_store(place: str | Path | None, output: str | Path) -> FileReviewStore:
    """
    Where a run asks.

    Args:
        place: a folder; or a review database (`*.db`, `*.sqlite`), whose mailbox beside it is meant: the database has
            one writer, the review server, which reads the mailbox and answers there. It need not run yet.
            `None`: `OUTPUT/review`, answered by hand.
        output: of the run.

    Raises:
        OSError: the folder cannot be made.
    """
    if place is None:
        return FileReviewStore(Path(output) / "review")
    return FileReviewStore(mailbox_folder(place) if Path(place).suffix in DATABASES else place)


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
