"""
GoEmotions: Reddit comments with 28 emotion labels.

Comment -> one user message; nothing is learnt by the language model.

- `emotion`: the full vector of 28, all known: raters saw every label and could pick several, so a label that they did
  not pick is a known absence.
- `group` is the comment id. The corpus's own placeholders (`[NAME]`, `[RELIGION]`) stay.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_scripts.reading import FILE, NUMBER, convert, damaged, read_lines, text
from pixel.data.builder import Corpus, main
from pixel.data.errors import ConversationError
from pixel.data.schema import conversation
from pixel.models.labels import EMOTIONS

SPLITS = {"train": "train.tsv", "validation": "dev.tsv", "test": "test.tsv"}

CORPUS = Corpus(
    name="goemotions",
    title="GoEmotions",
    folder="goemotions",
    files=("train.tsv", "dev.tsv", "labels.txt"),
    optional=("test.tsv",),
    licence="CC-BY-4.0",
    homepage="https://github.com/google-research/google-research/tree/master/goemotions",
    citation="Demszky et al., GoEmotions: A Dataset of Fine-Grained Emotions, ACL 2020.",
    mapping=__doc__,
    official_splits=True,
    limits=("Comments were rated without their thread; rater agreement is low for rare labels.",),
)


def rows(root: Path, skipped: list[ConversationError] | None = None) -> Iterator[dict[str, Any]]:
    """Conversations of one turn, one a comment."""
    folder = CORPUS.path(root)
    names = [line.strip() for _, line in read_lines(folder / "labels.txt")]
    unknown = [name for name in names if name not in EMOTIONS]
    if unknown:
        raise ConversationError(
            "names an emotion that is not one of the 28", file=folder / "labels.txt",
            row=names.index(unknown[0]), mend="take the original file",
        )  # fmt: skip
    for split, file in SPLITS.items():
        if (folder / file).is_file():
            lines = (_cells(folder / file, *line) for line in read_lines(folder / file))
            for row in convert(lambda cells: _comment(cells, names), lines, skipped):
                yield row | {"split": split}


def _cells(file: Path, number: int, line: str) -> dict[str, Any]:
    cells = line.split("\t")
    named = dict(zip(("text", "labels", "id"), cells, strict=True)) if len(cells) == 3 else {}
    return {FILE: file, NUMBER: number} | named


def _comment(cells: dict[str, Any], names: list[str]) -> dict[str, Any]:
    content, ids = text(cells, "text"), text(cells, "labels").split(",")
    if not all(each.isdecimal() and int(each) < len(names) for each in ids):
        raise damaged(cells, "labels", f"label ids are not in 0..{len(names) - 1}", "mend or drop the line")
    return conversation(
        [{"role": "user", "content": content}],
        id=text(cells, "id"),
        source=CORPUS.name,
        licence=CORPUS.licence,
        learn=False,
        emotion=[[names[int(each)] for each in ids]],
    )


if __name__ == "__main__":
    main(CORPUS, rows)
