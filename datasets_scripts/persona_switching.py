"""
Persona switching: dialogues in which the person needs now a therapist, now an assistant, with the turns labelled.

Pixel's own benchmark; its YAML ships with Pixel (`pixel/persona/benchmark`), so no raw files are needed.

- `persona_mode`, `persona_context`, `persona_trigger`, `persona_switch` on the person's turns, as its author set them.
- Replies carry no label and are not learnt by the language model.
- `group` is the dialogue. The development part becomes train and validation (by hash of the group), the test part
  `test`. Who trains on it must say so: thresholds chosen on it are then no longer held out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixel.data.builder import Corpus, main
from pixel.data.errors import ConversationError
from pixel.data.splits import side
from pixel.persona.benchmark_rows import LICENCE, row_of
from pixel.persona.dialogues import BENCHMARK, load_dialogues


@dataclass(frozen=True)
class _Shipped(Corpus):
    """A corpus whose files lie within Pixel, whatever the data root."""

    shipped = True

    def path(self, root: str | Path) -> Path:
        return BENCHMARK


CORPUS = _Shipped(
    name="persona_switching",
    title="Persona switching",
    folder="persona_switching",
    files=tuple(sorted(file.name for file in BENCHMARK.glob("*.yaml"))),
    licence=LICENCE,
    homepage="",
    citation="Pixel, persona-switching benchmark, 2026.",
    mapping=__doc__,
    official_splits=True,
    limits=(
        "Written and labelled by one large language model; no clinician reviewed a line, no agreement was measured.",
        "English only; the persons in it are invented, and many speak more pointedly than people do.",
        "Replies were not checked for facts and must not be used as advice.",
    ),
)


def rows(root: Path | None = None, skipped: list[ConversationError] | None = None) -> Iterator[dict[str, Any]]:
    """Conversations, one a dialogue."""
    for dialogue in load_dialogues():
        split = "test" if dialogue.split == "test" else side(dialogue.id)
        yield row_of(dialogue) | {"split": split}


if __name__ == "__main__":
    import sys

    main(CORPUS, rows, ["--data_root", str(BENCHMARK), *sys.argv[1:]])
