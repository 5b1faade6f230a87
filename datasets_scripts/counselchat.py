"""
CounselChat: people's questions to counsellors and the counsellors' answers, by topic.

Question (title, then text) -> user, answer -> assistant, learnt by the language model; one conversation an answer.
HTML is stripped. Pairs whose question or answer has no text left are left out.

- `dsm` on the question is **weak and partial**, derived from the question's topics; no one diagnosed anyone.
  Depression -> major_depressive_disorder, Anxiety -> generalized_anxiety_disorder, Trauma ->
  posttraumatic_stress_disorder, Sleep Improvement -> insomnia_disorder, Alzheimer's -> major_neurocognitive_disorder.
  A category of this table is 1 if its topic is there and 0 if it is not; the other categories are unknown, also where
  a topic is near one (Addiction, Substance Abuse, Eating Disorders, Grief and Loss, Anger Management).
  A question without topics has no label.
- `persona_mode` therapy on the answer: counsellors wrote it.
- `group` is the question, so answers to one question stay together. Upvotes are all 0 in this file and not used.
- The counsellor's name is replaced where it occurs in the answer.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_scripts.html_text import plain_text
from datasets_scripts.reading import NUMBER, convert, read_csv, text
from pixel.data.builder import Corpus, main
from pixel.data.errors import ConversationError
from pixel.data.schema import conversation

COLUMNS = ("questionID", "questionTitle", "questionText", "topics", "therapistName", "answerText")
TOPICS = {
    "depression": "major_depressive_disorder",
    "anxiety": "generalized_anxiety_disorder",
    "trauma": "posttraumatic_stress_disorder",
    "sleep improvement": "insomnia_disorder",
    "alzheimer's": "major_neurocognitive_disorder",
}

CORPUS = Corpus(
    name="counselchat",
    title="CounselChat",
    folder="counselchat",
    files=("counselchat.csv",),
    licence="MIT (repository); copyright of the answers unclear",
    homepage="https://github.com/nbertagnolli/counsel-chat",
    citation="Bertagnolli, Counsel Chat: Bootstrapping High-Quality Therapy Data, 2020.",
    mapping=__doc__,
    limits=("Answers are public advice by licensed counsellors to strangers, not therapy; none was reviewed.",),
)


def rows(root: Path, skipped: list[ConversationError] | None = None) -> Iterator[dict[str, Any]]:
    """Conversations of two turns, one an answer."""
    file = CORPUS.path(root) / "counselchat.csv"
    yield from convert(_answer, read_csv(file, COLUMNS), skipped)


def _answer(row: dict[str, Any]) -> dict[str, Any] | None:
    question_id = text(row, "questionID")
    title, body = (plain_text(row[name] or "") for name in ("questionTitle", "questionText"))
    question = body if body.startswith(title) else f"{title}\n{body}".strip()
    answer = plain_text(row["answerText"] or "")
    if not question or not answer:
        return None
    made = conversation(
        [{"role": "user", "content": question}, {"role": "assistant", "content": answer}],
        id=f"{question_id}-{row[NUMBER]}",
        source=CORPUS.name,
        licence=CORPUS.licence,
        group=question_id,
        dsm=[_dsm(row["topics"] or ""), None],
        persona_mode=[None, "therapy"],
    )
    return made | {"names": _names(row["therapistName"] or "")}


def _dsm(topics: str) -> dict[str, int] | None:
    given = {topic.strip().lower() for topic in topics.split(",") if topic.strip()}
    return {category: int(topic in given) for topic, category in TOPICS.items()} if given else None


def _names(therapist: str) -> tuple[str, ...]:
    """The counsellor's name without title and letters, whole and as first and last ("Dr. Ann B. Lee, LMFT")."""
    words = re.sub(r"^(?:Dr|Mrs?|Ms)\.? ", "", therapist.split(",")[0].strip()).split()
    while len(words) > 2 and ("." in words[-1] or words[-1].isupper() and not words[0].isupper()):
        words.pop()  # letters of a degree or licence without a comma before them
    return tuple(dict.fromkeys((" ".join(words), f"{words[0]} {words[-1]}"))) if len(words) > 1 else ()


if __name__ == "__main__":
    main(CORPUS, rows)
