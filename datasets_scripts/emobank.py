"""
EmoBank: sentences of many genres with valence, arousal and dominance.

Sentence -> one user message; nothing is learnt by the language model.

- `vad`: the means of the 1-5 self-assessment scale, stored as (x - 1) / 4.
- The official `split` column is kept: train, dev (validation), test where the file has it. `group` is the sentence.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_scripts.reading import choice, convert, number, read_csv, text
from pixel.data.builder import Corpus, main
from pixel.data.errors import ConversationError
from pixel.data.schema import conversation

SPLITS = {"train": "train", "dev": "validation", "test": "test"}
COLUMNS = ("id", "split", "V", "A", "D", "text")

CORPUS = Corpus(
    name="emobank",
    title="EmoBank",
    folder="emobank",
    files=("emobank.csv",),
    licence="CC-BY-SA-4.0",
    homepage="https://github.com/JULIELab/EmoBank",
    citation="Buechel & Hahn, EmoBank: Studying the Impact of Annotation Perspective and Representation Format on "
    "Dimensional Emotion Analysis, EACL 2017.",
    mapping=__doc__,
    official_splits=True,
    limits=("Most sentences sit near the middle of all three scales; a document may have sentences in two splits.",),
)


def rows(root: Path, skipped: list[ConversationError] | None = None) -> Iterator[dict[str, Any]]:
    """Conversations of one turn, one a sentence."""
    file = CORPUS.path(root) / "emobank.csv"
    yield from convert(_sentence, read_csv(file, COLUMNS), skipped)


def _sentence(row: dict[str, Any]) -> dict[str, Any]:
    vad = [(number(row, name, 1, 5) - 1) / 4 for name in ("V", "A", "D")]
    made = conversation(
        [{"role": "user", "content": text(row, "text")}],
        id=text(row, "id"),
        source=CORPUS.name,
        licence=CORPUS.licence,
        learn=False,
        vad=[vad],
    )
    return made | {"split": SPLITS[choice(row, "split", SPLITS)]}


if __name__ == "__main__":
    main(CORPUS, rows)
