"""The run's side of a review: asks, looks for the answer, and survives a store that fails or speaks nonsense."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from pixel.review.mailbox import VerdictError, checked_verdict
from pixel.training.ranks import is_first, shared
from pixel.training.review_store import ReviewStore, await_verdict


class ReviewDesk:
    """
    Speaks with a store from the first process, and tells all.

    Args:
        store: where requests and verdicts are.
        tell: called with a kind and one line when something is wrong, once for each line.
        timeout: seconds to wait for a verdict.
        poll: seconds between looks. Under several processes each look is a short collective, so that none runs into
            the time-out of its backend however long a reviewer takes.
        clock, sleep: others in tests.
    """

    def __init__(
        self,
        store: ReviewStore,
        tell: Callable[[str, str], None],
        *,
        timeout: float = 3600.0,
        poll: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self.store, self.tell, self.timeout, self.poll = store, tell, timeout, poll
        self.clock, self.sleep = clock, sleep
        self._told: set[str] = set()

    def request(self, content: Mapping[str, Any]) -> str:
        """Hand in a request with an `id`; a store that fails is an alert, and the id stands."""
        id = content["id"]
        if is_first():
            try:
                id = self.store.request(dict(content))
            except Exception as error:  # a full disk or a database that is down must not end the run
                self._once("store_failed", f"{id} was not written ({_line(error)}). Mend: see to the store")
        return shared(id)

    def answer(self, id: str) -> dict[str, Any] | None:
        """The verdict, if there is one that can be read."""
        verdict = None
        if is_first():
            try:
                verdict = self.store.verdict(id)
                verdict = None if verdict is None else checked_verdict(verdict, id)
            except VerdictError as error:
                verdict = None
                self._once("verdict_unreadable", str(error))
            except Exception as error:
                self._once("store_failed", f"{id} cannot be looked up ({_line(error)}). Mend: see to the store")
        return shared(verdict)

    def wait(self, id: str) -> tuple[dict[str, Any] | None, float]:
        """The verdict, or `None` at the time-out; and the seconds it took."""
        began = self._now()
        verdict = await_verdict(
            lambda: self.answer(id), timeout=self.timeout, poll=self.poll, clock=self._now, sleep=self.sleep
        )
        return verdict, self._now() - began

    def _now(self) -> float:
        return shared(self.clock())

    def _once(self, kind: str, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self.tell(kind, message)


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0][:200]}" if str(error) else type(error).__name__
