"""Who may look: the accounts of the expert review, asked again at every click."""

import sys
from collections.abc import Callable
from pathlib import Path

import gradio as gr

from pixel.review import ReviewDatabase, ReviewError
from pixel.review.tries import Tries

REFUSED = "Please sign in again: this account is not open."


class Access:
    """
    Args:
        path: of the review database; opened read-only, so the review may go on writing.
    """

    def __init__(self, path: str | Path):
        self.path, self.tries = Path(path), Tries()

    def check(self) -> None:
        """End the program with the mend where nobody could sign in."""
        command = f"PIXEL_REVIEW_DB={self.path} python recipes/review.py account add NAME --role admin"
        if not self.path.is_file():
            sys.exit(f"error: {self.path}: there are no accounts yet, so nobody could sign in. Mend: {command}")
        try:
            with self.database() as database:
                if not database.has_accounts():
                    sys.exit(f"error: {self.path}: no account is open. Mend: {command}")
        except ReviewError as error:
            sys.exit(f"error: {error}")

    def database(self) -> ReviewDatabase:
        """Opened for one look."""
        return ReviewDatabase(self.path, read_only=True)

    def sign_in(self, name: str, password: str) -> bool:
        """For `launch(auth=...)`."""
        if not self.tries.begin(name):
            return False
        try:
            with self.database() as database:
                found = database.sign_in(name, password)
        except ReviewError:  # the database is away for a moment: nobody gets in
            return False
        if found is not None:
            self.tries.succeeded(name)
        return found is not None

    def guard(self, handler: Callable) -> Callable:
        """A handler that runs only for people with an open account; the browser's word is not taken for it."""

        def checked(request: gr.Request, *values):
            name = getattr(request, "username", None)
            try:
                with self.database() as database:
                    known = bool(name) and database.reviewer(name) is not None
            except ReviewError:
                known = False
            if not known:
                raise gr.Error(REFUSED, print_exception=False)
            return handler(*values)

        return checked
