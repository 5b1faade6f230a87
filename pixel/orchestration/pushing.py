"""A push that waits for a Hub that is away, and leaves the command that tries again."""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pixel.hub.push import PushError, push_folder

PASSING = (408, 409, 425, 429)
"""Answers below 500 that another day may be others."""


def push_until_taken(
    folder: Path,
    repo_id: str,
    *,
    private: bool = True,
    tries: int = 5,
    first: float = 10.0,
    longest: float = 600.0,
    leave: Path | None = None,
    seed: int = 0,
    push: Callable[..., str] = push_folder,
) -> int:
    """
    Push a folder; where the Hub answers 500, is busy or gone, wait and try again, twice as long each time.

    What another try does not mend (a refused token, pickled weights, a public repository) is not tried again.

    Args:
        folder: to push.
        repo_id: `name` or `owner/name`.
        private: see `push_folder`.
        tries: in all.
        first, longest: seconds before the second try, and at most; times a random number in [0.5, 1.5).
        leave: file that gets the command that tries again, where all failed; removed after a push.
        seed: of the random numbers.
        push: for tests.

    Returns:
        0: it is there. 1: not; the files are where they were.
    """
    draw = random.Random(seed)
    for number in range(1, max(tries, 1) + 1):
        try:
            print(f"Pushed: {push(folder, repo_id, private=private)}", flush=True)
            if leave is not None:
                leave.unlink(missing_ok=True)
            return 0
        except FileNotFoundError as error:
            print(f"error: {error}. Mend: name the folder of a model", file=sys.stderr, flush=True)
            return 1
        except PushError as error:
            failed = error
        if number == max(tries, 1) or not may_pass(failed):
            break
        wait = min(longest, first * 2 ** (number - 1)) * (0.5 + draw.random())
        print(f"not pushed, try {number} of {tries}: {failed.reason}. Again in {wait:.0f} s", flush=True)
        time.sleep(wait)
    if leave is not None and failed.retry:
        leave.parent.mkdir(parents=True, exist_ok=True)
        leave.write_text(f"{failed.retry}\n")
    print(f"error: {failed}", file=sys.stderr, flush=True)
    return 1


def may_pass(error: PushError) -> bool:
    """Whether the same push may succeed later."""
    status = getattr(getattr(error.__cause__, "response", None), "status_code", None)
    return error.retry is not None and (status is None or status >= 500 or status in PASSING)
