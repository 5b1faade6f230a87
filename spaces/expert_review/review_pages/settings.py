"""What the Space is told by its environment, and the one line with which it refuses to start."""

import os
import secrets
import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path

from pixel.review import ReviewDatabase


@dataclass(frozen=True)
class Settings:
    """
    Attributes:
        database: `PIXEL_REVIEW_DB`, or `review.db` in the working folder.
        admin, password: `PIXEL_REVIEW_ADMIN` and `PIXEL_REVIEW_PASSWORD`, secrets of a Space where nobody can run the
            recipe: this account is made at the first start, as long as there is no other.
        oauth: on a Space whose README asks for `hf_oauth`, people sign in with Hugging Face. Elsewhere never: Gradio
            would let everybody in as the machine's own user.
    """

    database: Path
    oauth: bool
    admin: str = ""
    password: str = field(default="", repr=False)


def settings() -> Settings:
    """From the environment."""
    on_space = os.environ.get("SYSTEM") == "spaces" and bool(os.environ.get("SPACE_ID"))
    return Settings(
        database=Path(os.environ.get("PIXEL_REVIEW_DB") or "review.db").expanduser().resolve(),
        oauth=on_space and bool(os.environ.get("OAUTH_CLIENT_ID")),
        admin=os.environ.get("PIXEL_REVIEW_ADMIN", ""),
        password=os.environ.get("PIXEL_REVIEW_PASSWORD", ""),
    )


def make_first_admin(store: ReviewDatabase, chosen: Settings) -> None:
    """
    The account that the environment names, where there is none yet. With OAuth its password is not needed, and is
    drawn where none is given.

    Raises:
        ReviewError: the name or the password is not fit.
    """
    if chosen.admin and not store.has_accounts() and (chosen.password or chosen.oauth):
        store.add_reviewer(chosen.admin, chosen.password or secrets.token_urlsafe(32), "admin")


def command(database: Path) -> str:
    """How to make the first account of a database."""
    recipe = f"PIXEL_REVIEW_DB={shlex.quote(str(database))} python recipes/review.py account add NAME --role admin"
    return f"{recipe} (on a Space: set the secrets PIXEL_REVIEW_ADMIN and PIXEL_REVIEW_PASSWORD)"


def refuse(line: str) -> None:
    """One line, and exit code 1."""
    print(f"error: {line}", file=sys.stderr, flush=True)
    sys.exit(1)
