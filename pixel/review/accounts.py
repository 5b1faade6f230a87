"""Accounts: who may sign in, with what role, and how often somebody may guess."""

import json
import re
from collections.abc import Sequence

from pixel.review.errors import ReviewError
from pixel.review.ledger import Ledger
from pixel.review.passwords import hashed, matches
from pixel.review.records import ROLES, Reviewer
from pixel.review.said import plain_text

FREE_TRIES, FIRST_WAIT, LONGEST_WAIT = 5, 5.0, 300.0
FORGET_AFTER = 86_400.0
"""Seconds after which failed sign-ins no longer count."""

_COLUMNS = "name, role, credentials, specialities, active, pseudonym"


class Accounts(Ledger):
    """The part of `ReviewDatabase` that knows people."""

    def has_accounts(self) -> bool:
        """Whether there is anybody who can sign in."""
        return self._row("SELECT 1 FROM reviewers WHERE active LIMIT 1") is not None

    def add_reviewer(
        self,
        name: str,
        password: str,
        role: str = "reviewer",
        credentials: str = "",
        specialities: Sequence[str] = (),
        *,
        by: str | None = None,
    ) -> Reviewer:
        """
        Make an account.

        Args:
            name: 2 to 64 letters, digits and `. _ - @`; upper and lower case are the same name.
            password: 10 to 256 characters.
            role: one of `ROLES`.
            credentials: in the person's own words.
            specialities: of items that this person is offered first.
            by: the admin who does it; `None`: whoever holds the file, such as the command line.

        Raises:
            ReviewError: taken, unfit, too short, no such role, or `by` is no admin.
        """
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@-]{1,63}", name):
            raise ReviewError("a name has 2 to 64 letters, digits and . _ - @, a letter or digit first. Mend: mend it")
        if role not in ROLES:
            raise ReviewError(f"role: there is no such role. Mend: use one of {', '.join(ROLES)}")
        credentials = plain_text(credentials, "credentials", 500)
        areas = [plain_text(area, "specialities", 80).strip().lower() for area in specialities]
        key, areas = hashed(password), sorted({area for area in areas if area})
        with self._change():
            who = self._admin(by)
            if self._row("SELECT 1 FROM reviewers WHERE name = ?", name.lower()):
                raise ReviewError(f"the name {name.lower()} is taken. Mend: choose another")
            pseudonym = f"R{self._row('SELECT COUNT(*) + 1 FROM reviewers')[0]:02d}"
            self._record(
                who, "account_added", name=name.lower(), password=key, role=role, credentials=credentials,
                specialities=areas, pseudonym=pseudonym,
            )  # fmt: skip
        return self._account(name)

    def set_password(self, name: str, password: str, *, by: str | None = None) -> None:
        """
        Give an account another password; forgets failed sign-ins.

        Raises:
            ReviewError: no such account, too short, or `by` is neither an admin nor the account itself.
        """
        key = hashed(password)
        with self._change():
            own = by is not None and by.lower() == name.lower() and self.reviewer(by) is not None
            who = by.lower() if own else self._admin(by)
            self._record(who, "password_set", name=self._known(name), password=key)

    def deactivate(self, name: str, *, by: str | None = None) -> None:
        """
        Close an account: it cannot sign in, its claims are given back, its ratings stay, its name stays taken.

        Raises:
            ReviewError: no such account, `by` is no admin, or it is the last active admin.
        """
        with self._change():
            who, name = self._admin(by), self._known(name)
            admins = [row[0] for row in self._rows("SELECT name FROM reviewers WHERE active AND role = 'admin'")]
            if admins == [name] and by is not None:
                raise ReviewError("the last admin cannot be closed from here. Mend: make another admin first")
            self._record(who, "account_closed", name=name)

    def reviewers(self) -> list[Reviewer]:
        """All accounts, closed ones too, in the order in which they were made."""
        return [_reviewer(row) for row in self._rows(f"SELECT {_COLUMNS} FROM reviewers ORDER BY rowid")]

    def reviewer(self, name: str) -> Reviewer | None:
        """The account, or `None` where it is unknown or closed."""
        found = self._account(name) if isinstance(name, str) else None
        return found if found is not None and found.active else None

    def sign_in(self, name: str, password: str) -> Reviewer | None:
        """
        The account, or `None`: wrong, unknown, closed, or too many tries (see `sign_in_wait`).

        A try is counted before the password is looked at, so that guesses sent at once count as well. It takes as
        long for a name that does not exist. While somebody guesses at a name its owner waits too, five minutes at
        most; who is signed in goes on. Opened to read only, nothing is counted or recorded: whoever serves
        sign-ins from there counts them (`pixel.review.tries`).
        """
        name = str(name).lower()[:64]
        if "\0" in name or not _encodable(name):
            return None
        row = self._row("SELECT password FROM reviewers WHERE name = ? AND active", name)
        if self.read_only:
            waits = self.sign_in_wait(name) > 0
            return self.reviewer(name) if matches(password, row[0] if row else None) and not waits else None
        if not self._may_try(name, known=row is not None):
            return None
        if not matches(password, row[0] if row else None):
            return None
        with self._change() as database:
            database.execute("DELETE FROM failures WHERE name = ?", (name,))
            if (found := self.reviewer(name)) is not None:
                self._record(name, "signed_in")
        return found

    def sign_in_wait(self, name: str) -> float:
        """Seconds until this name may try again; 0: now."""
        row = self._row("SELECT until FROM failures WHERE name = ?", str(name).lower()[:64])
        return max(0.0, row[0] - self.clock()) if row else 0.0

    def _may_try(self, name: str, known: bool) -> bool:
        now = self.clock()
        with self._change() as database:
            if self.sign_in_wait(name) > 0:
                return False
            database.execute("DELETE FROM failures WHERE at < ?", (now - FORGET_AFTER,))
            row = self._row("SELECT count FROM failures WHERE name = ?", name)
            count = (row[0] if row else 0) + 1
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(count - FREE_TRIES, 16)) if count >= FREE_TRIES else 0.0
            database.execute("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?)", (name, count, now + wait, now))
            if known and count == FREE_TRIES:
                self._record("", "locked_out", name=name)
        return True

    def _account(self, name: str) -> Reviewer | None:
        row = self._row(f"SELECT {_COLUMNS} FROM reviewers WHERE name = ?", name.lower()) if _encodable(name) else None
        return _reviewer(row) if row else None

    def _known(self, name: str) -> str:
        found = self._account(name)
        if found is None:
            raise ReviewError("there is no such account. Mend: see the list of accounts")
        return found.name

    def _active(self, name: str) -> Reviewer:
        found = self.reviewer(name)
        if found is None:
            raise ReviewError("this account is not active. Mend: sign in again")
        return found

    def _adjudicator(self, name: str) -> Reviewer:
        found = self._active(name)
        if not found.may_adjudicate:
            raise ReviewError("this is for adjudicators. Mend: ask an admin for that role")
        return found

    def _admin(self, by: str | None) -> str:
        """The name for the audit trail of whoever acts as an admin."""
        if by is None:
            return ""
        found = self._active(by)
        if found.role != "admin":
            raise ReviewError("this is for admins. Mend: ask one")
        return found.name


def _encodable(name: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _reviewer(row: tuple) -> Reviewer:
    name, role, credentials, specialities, active, pseudonym = row
    return Reviewer(name, role, credentials, tuple(json.loads(specialities)), bool(active), pseudonym)
