"""What may leave the machine: only recordings whose sources say who allowed it, when, for what, with what proof."""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from pixel.data.errors import ConversationError
from pixel.voice.sources.playlists import Consent

MEND = (
    "record consent (given_by, date, evidence, scope) for them in playlists.yaml or in the sidecar NAME.info.json and "
    "transcribe anew, or build without them: --only_consented"
)


def consent_of(facts: Mapping[str, Any]) -> Consent | None:
    """The recorded consent of a file, `None` where there is none that can be read."""
    try:
        found = Consent.model_validate(facts.get("consent") or {})
    except ValidationError:
        return None
    return found if found.given_by and found.date and found.evidence else None


def withdrawn(facts: Mapping[str, Any], today: datetime.date | None = None) -> bool:
    """Whether the consent was taken back: such a file is not built from at all."""
    given = facts.get("consent")
    since = given.get("withdrawn") if isinstance(given, Mapping) else None
    try:
        return bool(since) and datetime.date.fromisoformat(str(since)) <= (today or datetime.date.today())
    except ValueError:
        return True  # somebody wrote something there; it is not for us to guess that it means nothing


def lacks(facts: Mapping[str, Any], *, public: bool = False, today: datetime.date | None = None) -> str | None:
    """
    Why conversations from a file may not be pushed, or `None`.

    Args:
        facts: its row of `files.jsonl`.
        public: to a repository that everybody reads: that needs `publication` in the scope, beside `training`.
        today: for tests.
    """
    if withdrawn(facts, today):
        return "consent withdrawn"
    found = consent_of(facts)
    if found is None:
        return "no recorded consent"
    if found.date > (today or datetime.date.today()):
        return f"consent begins on {found.date}"
    missing = sorted({"training", *(["publication"] if public else [])} - found.scope)
    return f"consent leaves out {' and '.join(missing)}" if missing else None


def allows_profile(facts: Mapping[str, Any]) -> bool:
    """Whether markers and fingerprints may be taken: not where a recorded consent leaves `personality` out."""
    found = consent_of(facts)
    return found is None or "personality" in found.scope


def refuse_push(files: Iterable[Mapping[str, Any]], *, public: bool = False) -> None:
    """
    Raises:
        ConversationError: a file without the consent that a push needs; says how many and why, names the first.
    """
    named = [(row.get("file"), reason) for row in files if (reason := lacks(row, public=public))]
    if named:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in Counter(r for _, r in named).most_common())
        raise ConversationError(
            f"not pushed, {len(named)} files may not leave this machine ({reasons})",
            file=named[0][0], field="consent", mend=MEND,
        )  # fmt: skip
