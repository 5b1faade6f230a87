"""Tables: what the events add up to. `apply` is the only road from an event to a change, live and in restoring."""

import json
import sqlite3
from typing import Any

from pixel.review.errors import ReviewError
from pixel.review.events import Event

VERSION = 2

SCHEMA = """
CREATE TABLE events (number INTEGER PRIMARY KEY, at REAL NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL,
    content TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL UNIQUE);
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;
CREATE TRIGGER events_kept BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;
CREATE TABLE reviewers (name TEXT PRIMARY KEY, password TEXT NOT NULL, role TEXT NOT NULL, credentials TEXT NOT NULL,
    specialities TEXT NOT NULL, active INTEGER NOT NULL, pseudonym TEXT NOT NULL UNIQUE);
CREATE TABLE failures (name TEXT PRIMARY KEY, count INTEGER NOT NULL, until REAL NOT NULL, at REAL NOT NULL);
CREATE TABLE rubrics (key TEXT PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE items (id TEXT PRIMARY KEY, rubric TEXT NOT NULL REFERENCES rubrics(key), messages TEXT NOT NULL,
    speciality TEXT, source TEXT, licence TEXT, readouts TEXT NOT NULL, overlap INTEGER NOT NULL,
    place INTEGER NOT NULL UNIQUE, gate TEXT, rated INTEGER NOT NULL, decided INTEGER NOT NULL);
CREATE INDEX items_of_gate ON items(gate) WHERE gate IS NOT NULL;
CREATE TABLE claims (item TEXT NOT NULL REFERENCES items(id), reviewer TEXT NOT NULL REFERENCES reviewers(name),
    token TEXT NOT NULL, expires REAL NOT NULL, PRIMARY KEY (item, reviewer)) WITHOUT ROWID;
CREATE INDEX claims_of_reviewer ON claims(reviewer);
CREATE TABLE skips (item TEXT NOT NULL REFERENCES items(id), reviewer TEXT NOT NULL REFERENCES reviewers(name),
    reason TEXT NOT NULL, PRIMARY KEY (item, reviewer)) WITHOUT ROWID;
CREATE TABLE ratings (item TEXT NOT NULL REFERENCES items(id), reviewer TEXT NOT NULL REFERENCES reviewers(name),
    said TEXT NOT NULL, revision INTEGER NOT NULL, event INTEGER NOT NULL, PRIMARY KEY (item, reviewer)) WITHOUT ROWID;
CREATE INDEX ratings_of_reviewer ON ratings(reviewer);
CREATE TABLE adjudications (item TEXT PRIMARY KEY REFERENCES items(id),
    reviewer TEXT NOT NULL REFERENCES reviewers(name), said TEXT NOT NULL, event INTEGER NOT NULL);
CREATE TABLE gates (id TEXT PRIMARY KEY, content TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE verdicts (gate TEXT PRIMARY KEY REFERENCES gates(id), content TEXT NOT NULL);
"""
"""
Claims and failed sign-ins are no events: a database rebuilt from its journal starts without them. `rated` and
`decided` repeat what `ratings`, `adjudications` and `verdicts` hold, so that open items are found without counting.
"""


def make(database: sqlite3.Connection) -> None:
    """Make the tables of a new database; call it inside a transaction."""
    for statement in _statements(SCHEMA):
        database.execute(statement)
    database.execute(f"PRAGMA user_version = {VERSION}")


def keep(database: sqlite3.Connection, event: Event) -> None:
    """Add an event to the chain and do what it says; call it inside a transaction."""
    content = json.dumps(event.content, ensure_ascii=False, sort_keys=True)
    row = (event.number, event.at, event.who, event.kind, content, event.previous, event.hash)
    database.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    apply(database, event)


def stored_event(row: tuple) -> Event:
    """An event from a row of its table."""
    number, at, who, kind, content, previous, hash = row
    return Event(number, at, who, kind, json.loads(content), previous, hash)


def apply(database: sqlite3.Connection, event: Event) -> None:
    """
    Do what an event says.

    Raises:
        ReviewError: an event of a kind that this version does not know.
    """
    do, c, who = database.execute, event.content, event.who
    match event.kind:
        case "account_added":
            row = (c["name"], c["password"], c["role"], c["credentials"], _json(c["specialities"]), 1, c["pseudonym"])
            do("INSERT INTO reviewers VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        case "password_set":
            do("UPDATE reviewers SET password = ? WHERE name = ?", (c["password"], c["name"]))
            do("DELETE FROM failures WHERE name = ?", (c["name"],))
        case "account_closed":
            do("UPDATE reviewers SET active = 0 WHERE name = ?", (c["name"],))
            do("DELETE FROM claims WHERE reviewer = ?", (c["name"],))
        case "signed_in" | "locked_out" | "exported":
            pass
        case "rubric_added":
            do("INSERT INTO rubrics VALUES (?, ?)", (c["key"], _json(c["rubric"])))
        case "item_added":
            row = (c["id"], c["rubric"], _json(c["messages"]), c["speciality"], c["source"], c["licence"])
            place = do("SELECT COALESCE(MAX(place), 0) + 1 FROM items").fetchone()[0]
            row += (_json(c["readouts"]), c["overlap"], place, c["gate"])
            do("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)", row)
        case "rated":
            do("DELETE FROM claims WHERE item = ? AND reviewer = ?", (c["item"], who))
            do("INSERT INTO ratings VALUES (?, ?, ?, 0, ?)", (c["item"], who, _json(c["said"]), event.number))
            do("UPDATE items SET rated = rated + 1 WHERE id = ?", (c["item"],))
        case "revised":
            do(
                "UPDATE ratings SET said = ?, revision = revision + 1, event = ? WHERE item = ? AND reviewer = ?",
                (_json(c["said"]), event.number, c["item"], who),
            )
        case "skipped":
            do("DELETE FROM claims WHERE item = ? AND reviewer = ?", (c["item"], who))
            do("INSERT OR IGNORE INTO skips VALUES (?, ?, ?)", (c["item"], who, c["reason"]))
        case "adjudicated":
            do("DELETE FROM claims WHERE item = ?", (c["item"],))
            do("INSERT INTO adjudications VALUES (?, ?, ?, ?)", (c["item"], who, _json(c["said"]), event.number))
            do("UPDATE items SET decided = 1 WHERE id = ?", (c["item"],))
        case "gate_asked":
            do("INSERT INTO gates VALUES (?, ?, ?)", (c["id"], _json(c["content"]), event.at))
        case "gate_answered":
            do("INSERT INTO verdicts VALUES (?, ?)", (c["id"], _json(c["content"])))
            do("UPDATE items SET decided = 1 WHERE gate = ?", (c["id"],))
        case _:
            raise ReviewError(
                f"event {event.number}: this version of Pixel does not know {event.kind!r}. Mend: use a newer one"
            )


def _statements(script: str) -> list[str]:
    """A script's statements; a trigger's body has semicolons of its own."""
    found, part = [], ""
    for line in script.strip().splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            found.append(part)
            part = ""
    return found


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
