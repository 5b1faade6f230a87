"""Who is asking, and what they may do: asked anew in every handler, from the request and never from the page."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from pixel.review import ReviewDatabase, Reviewer, ReviewError
from review_pages.sessions import Sessions

EVERYONE = ("reviewer", "adjudicator", "admin")
DECIDERS = ("adjudicator", "admin")
ADMINS = ("admin",)


@dataclass(frozen=True)
class Desk:
    """
    What every page stands on.

    Attributes:
        store: accounts, items and ratings.
        oauth: whether people sign in with Hugging Face; the account then has their user name there.
        sessions: who is signed in with a password.
    """

    store: ReviewDatabase
    oauth: bool = False
    sessions: Sessions | None = None

    def sign_out(self, name: str) -> None:
        """End every sign-in of an account: its password was changed, or it was closed."""
        if self.sessions is not None:
            self.sessions.forget(name)

    def name_of(self, request: Any) -> str | None:
        """The name that was signed in with; of an OAuth session only while that lasts."""
        if not self.oauth:
            return getattr(request, "username", None)
        session = getattr(getattr(request, "request", request), "scope", {}).get("session") or {}
        info = session.get("oauth_info") or {}
        if info.get("expires_at", 0) < time.time():
            return None
        return (info.get("userinfo") or {}).get("preferred_username")

    def person(self, request: Any, roles: tuple[str, ...] = EVERYONE) -> Reviewer:
        """
        The account behind a request.

        Raises:
            ReviewError: nobody is signed in, the account is closed, or its role may not do this.
        """
        name = self.name_of(request)
        person = self.store.reviewer(name) if name else None
        if person is None or not person.active:
            raise ReviewError("Please sign in first, with an account that is open.")
        if person.role not in roles:
            raise ReviewError("Your account may not do this. Ask an administrator.")
        return person


def guarded(desk: Desk, act: Callable[..., Any], roles: tuple[str, ...] = EVERYONE) -> Callable[..., Any]:
    """
    `act(person, *values)` as a handler of an event.

    What is refused, and whatever goes wrong, becomes one line without anything from inside. Neither values nor
    messages are ever printed.
    """

    def handler(request: gr.Request, *values: Any) -> Any:
        try:
            return act(desk.person(request, roles), *values)
        except ReviewError as error:
            raise refusal(str(error)) from None
        except Exception as error:
            place = error.__traceback__
            while place.tb_next:
                place = place.tb_next
            where = f"{place.tb_frame.f_code.co_name}:{place.tb_lineno}"
            print(f"review: {act.__name__} failed, {type(error).__name__} in {where}", file=sys.stderr, flush=True)
            raise refusal("That did not work, and nothing was changed. Try again, or tell an administrator.") from None

    handler.__name__ = act.__name__
    return handler


def refusal(line: str) -> gr.Error:
    """The error that a page shows; long enough on screen to be read."""
    return gr.Error(escape(line, quote=False), title="Not done", duration=15, print_exception=False)
