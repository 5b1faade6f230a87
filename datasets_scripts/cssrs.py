"""
C-SSRS posts: posts of a suicide-watch forum with the severity that people gave on a C-SSRS-derived ladder.

Post -> one user message; nothing is learnt by the language model.

- `risk`: the human severity, 0 (none) to 6 (behaviour). The five language models' columns are not used.
- `distress` is not labelled. `group` is the post.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_scripts.reading import convert, integer, read_csv, text
from pixel.data.builder import Corpus, main
from pixel.data.errors import ConversationError
from pixel.data.schema import conversation

COLUMNS = ("id", "text", "cssrs_severity")

CORPUS = Corpus(
    name="cssrs",
    title="C-SSRS severity of forum posts",
    folder="cssrs_sw1170",
    files=("posts.csv",),
    licence="CC-BY-4.0",
    homepage="https://github.com/av9ash/llm_cssrs_code",
    citation="Patil, Tao & Gedhu, arXiv 2505.13480, 2025.",
    mapping=__doc__,
    limits=(
        "Posts of one forum, one label a post: severity here is not a clinical assessment of a person.",
        "Distressing content. Never use for triage without a clinician.",
    ),
)


def rows(root: Path, skipped: list[ConversationError] | None = None) -> Iterator[dict[str, Any]]:
    """Conversations of one turn, one a post."""
    file = CORPUS.path(root) / "posts.csv"
    yield from convert(_post, read_csv(file, COLUMNS), skipped)


def _post(row: dict[str, Any]) -> dict[str, Any]:
    return conversation(
        [{"role": "user", "content": text(row, "text")}],
        id=text(row, "id"),
        source=CORPUS.name,
        licence=CORPUS.licence,
        learn=False,
        risk=[integer(row, "cssrs_severity", 0, 6)],
    )


if __name__ == "__main__":
    main(CORPUS, rows)
