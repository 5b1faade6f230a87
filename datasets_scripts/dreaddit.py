"""
Dreaddit: segments of Reddit posts, stressed or not.

Segment -> one user message; nothing is learnt by the language model.

- `distress`: the label, 0.0 (not stressed) or 1.0 (stressed), by majority of crowd workers. Stress stands in for
  distress here.
- `group` is the post, so segments of one post stay together. Validation is split off the train file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_scripts.reading import convert, integer, read_csv, text
from pixel.data.builder import Corpus, main
from pixel.data.errors import ConversationError
from pixel.data.schema import conversation

COLUMNS = ("post_id", "sentence_range", "text", "label")

CORPUS = Corpus(
    name="dreaddit",
    title="Dreaddit",
    folder="dreaddit",
    files=("train.csv",),
    licence="CC-BY-4.0",
    homepage="https://arxiv.org/abs/1911.00133",
    citation="Turcan & McKeown, Dreaddit: A Reddit Dataset for Stress Analysis in Social Media, LOUHI 2019.",
    mapping=__doc__,
    limits=("A binary label: distress in between is not known.",),
)


def rows(root: Path, skipped: list[ConversationError] | None = None) -> Iterator[dict[str, Any]]:
    """Conversations of one turn, one a segment."""
    file = CORPUS.path(root) / "train.csv"
    yield from convert(_segment, read_csv(file, COLUMNS), skipped)


def _segment(row: dict[str, Any]) -> dict[str, Any]:
    post = text(row, "post_id")
    return conversation(
        [{"role": "user", "content": text(row, "text")}],
        id=f"{post}-{text(row, 'sentence_range').strip('()').replace(', ', '-')}",
        source=CORPUS.name,
        licence=CORPUS.licence,
        group=post,
        learn=False,
        distress=[float(integer(row, "label", 0, 1))],
    )


if __name__ == "__main__":
    main(CORPUS, rows)
