"""
AnnoMI: motivational-interviewing demonstrations, well and badly done, annotated by practitioners.

Therapist -> assistant, client -> user; one conversation a session. An utterance that several annotators labelled is
one message; each label is decided by majority, a tie by the first annotator.

- `intervention` on therapist turns, from the behaviours present and their subtypes: question open or closed ->
  open_question, closed_question; reflection simple or complex -> simple_reflection, complex_reflection; therapist
  input information, advice, options, negotiation -> information, advice, exploring_options, goal_setting (AnnoMI's
  category is "negotiation / goal-setting"). These eight names are known, 0 or 1; "other" is 0 for all eight; the
  remaining names are unknown, since AnnoMI's annotators were not asked for them.
- `appropriateness` on therapist turns: 1.0 in sessions shown as high-quality MI, 0.0 in low-quality ones. This is a
  label of the **session**, carried to its turns: a good turn in a bad session is labelled 0.
- `persona_mode` therapy on therapist turns, `persona_context` therapeutic_work on client turns, by the setting.
- The client's talk type (change, neutral, sustain) has no field in the schema and is not used.
- `learn`: the language model learns therapist turns of high-quality sessions only. `group` is the session.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from datasets_scripts.reading import choice, convert, dialogues, integer, read_csv, text
from pixel.data.builder import Corpus, main
from pixel.data.errors import ConversationError
from pixel.data.schema import conversation

ROLES = {"therapist": "assistant", "client": "user"}
BEHAVIOURS = {
    "question": {"open": "open_question", "closed": "closed_question"},
    "reflection": {"simple": "simple_reflection", "complex": "complex_reflection"},
    "therapist_input": {
        "information": "information", "advice": "advice", "options": "exploring_options",
        "negotiation": "goal_setting",
    },
}  # fmt: skip
KNOWN = tuple(name for subtypes in BEHAVIOURS.values() for name in subtypes.values())
COLUMNS = (
    "mi_quality", "transcript_id", "utterance_id", "interlocutor", "utterance_text",
    *(f"{behaviour}_{part}" for behaviour in BEHAVIOURS for part in ("exists", "subtype")),
)  # fmt: skip

CORPUS = Corpus(
    name="annomi",
    title="AnnoMI",
    folder="annomi",
    files=("annomi-full.csv",),
    licence="research-only (no licence file)",
    homepage="https://github.com/uccollab/AnnoMI",
    citation="Wu et al., Anno-MI: A Dataset of Expert-Annotated Counselling Dialogues, ICASSP 2022.",
    mapping=__doc__,
    limits=("Demonstrations, many of them acted; low-quality sessions are few and short.",),
)


def rows(root: Path, skipped: list[ConversationError] | None = None) -> Iterator[dict[str, Any]]:
    """Conversations, one a session."""
    file = CORPUS.path(root) / "annomi-full.csv"
    sessions = dialogues(read_csv(file, COLUMNS), key=lambda row: row.get("transcript_id"))
    yield from convert(_session, sessions, skipped)


def _session(lines: list[dict[str, Any]]) -> dict[str, Any]:
    utterances = dialogues(lines, key=lambda row: integer(row, "utterance_id", 0, 100_000))
    utterances.sort(key=lambda annotated: int(annotated[0]["utterance_id"]))
    firsts = [annotated[0] for annotated in utterances]
    roles = [ROLES[choice(first, "interlocutor", ROLES)] for first in firsts]
    therapist = [role == "assistant" for role in roles]
    high = choice(firsts[0], "mi_quality", ("high", "low")) == "high"
    return conversation(
        [
            {"role": role, "content": text(first, "utterance_text")}
            for role, first in zip(roles, firsts, strict=True)
        ],
        id=text(firsts[0], "transcript_id"),
        source=CORPUS.name,
        licence=CORPUS.licence,
        learn=[high and spoke for spoke in therapist],
        intervention=[
            _intervention(annotated) if spoke else None
            for annotated, spoke in zip(utterances, therapist, strict=True)
        ],
        appropriateness=[float(high) if spoke else None for spoke in therapist],
        persona_mode=["therapy" if spoke else None for spoke in therapist],
        persona_context=[None if spoke else "therapeutic_work" for spoke in therapist],
    )  # fmt: skip


def _intervention(annotated: list[dict[str, Any]]) -> dict[str, int]:
    readings = [_reading(row) for row in annotated]
    return {name: int(_majority(name in reading for reading in readings)) for name in KNOWN}


def _reading(row: dict[str, Any]) -> set[str]:
    """The names that one annotator's row says are present."""
    return {
        subtypes[choice(row, f"{behaviour}_subtype", subtypes)]
        for behaviour, subtypes in BEHAVIOURS.items()
        if choice(row, f"{behaviour}_exists", ("True", "False")) == "True"
    }


def _majority(votes: Iterable[bool]) -> bool:
    """The commonest vote; `Counter` keeps the order of first appearance, so a tie goes to the first annotator."""
    return Counter(votes).most_common(1)[0][0]


if __name__ == "__main__":
    main(CORPUS, rows)
