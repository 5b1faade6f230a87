"""What reviewers said: rejected rows are dropped, and templates gain or lose weight."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixel.knowledge.errors import KnowledgeError

UP, DOWN, SPREAD = 1.25, 0.5, 0.9
"""Factor a praised template gains, a rejected one loses, and each template of a rejected row loses."""
LEAST, MOST, OUT = 0.02, 4.0, 3
"""Bounds of a weight; so many rejections of one template by name take it out."""
_GOOD, _BAD = {"accept", "good", "keep"}, {"reject", "bad", "drop"}


@dataclass(frozen=True)
class Verdicts:
    """Template id -> weight, ids of rejected rows, and how often each reason was given."""

    weights: dict[str, float]
    dropped: frozenset[str]
    reasons: dict[str, int]


def read_verdicts(file: str | Path) -> list[dict[str, Any]]:
    """
    Rows `{"id" or "template", "verdict", "reason"}` of a JSON-lines file; `verdict` is accept or reject (or
    good, keep, bad, drop).

    Raises:
        KnowledgeError: no such file, a line that is not JSON, neither id nor template, an unknown verdict.
    """
    path = Path(file)
    if not path.is_file():
        raise KnowledgeError("file not found", file=path, mend="check --verdicts")
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            raise KnowledgeError("is not JSON", file=path, row=number, mend="one object a line") from None
        if not isinstance(row, dict) or not (row.get("id") or row.get("template")):
            raise KnowledgeError("names no row", file=path, row=number, field="id", mend="give id or template")
        if row.get("verdict") not in _GOOD | _BAD:
            raise KnowledgeError(
                f"verdict {row.get('verdict')!r} is unknown", file=path, row=number, mend="use accept or reject"
            )
        rows.append(row)
    return rows


def weigh(rows: Iterable[Mapping[str, Any]], templates_of: Callable[[str], Iterable[str]] = lambda id: ()) -> Verdicts:
    """
    Weights from verdicts.

    Args:
        rows: of `read_verdicts`.
        templates_of: from a row's id to the templates it was made of; each loses a little with a rejected row.
    """
    weights: dict[str, float] = {}
    named, reasons = Counter(), Counter()
    dropped = set()
    for row in rows:
        bad = row["verdict"] in _BAD
        if row.get("reason"):
            reasons[str(row["reason"])] += 1
        touched = [row["template"]] if row.get("template") else list(templates_of(row["id"]))
        factor = (DOWN if bad else UP) if row.get("template") else (SPREAD if bad else 1.0)
        for template in touched:
            weights[template] = min(MOST, max(LEAST, weights.get(template, 1.0) * factor))
        if bad and row.get("template"):
            named[row["template"]] += 1
        elif bad:
            dropped.add(str(row["id"]))
    weights |= dict.fromkeys((template for template, count in named.items() if count >= OUT), 0.0)
    return Verdicts({id: weight for id, weight in weights.items() if weight != 1.0}, frozenset(dropped), dict(reasons))


def templates_in(rationale: Iterable[Mapping[str, Any] | str | None]) -> list[str]:
    """The templates that a row's rationale notes."""
    notes = [json.loads(note) if isinstance(note, str) else note for note in rationale]
    return [template for note in notes if note for template in note.get("templates", ())]
