"""
EPITOME: how strongly a peer's reply carries each of three empathy mechanisms (Reddit part).

Seeker post -> user, response -> assistant. The three files (one a mechanism) are merged on (sp_id, rp_id).

- `emotional_reactions`, `interpretations`, `explorations` on the response: levels 0 (none), 1 (weak), 2 (strong), as
  annotated. Some pairs were annotated more than once: the majority level stands; without a majority the mechanism is
  null for that pair.
- `eq` on the response is **derived** from the levels, no one rated it: empathy_recognition = interpretations / 2,
  interpersonal_skills = (emotional_reactions + explorations) / 4. The other domains are unknown.
- `learn`: the language model learns a response only where the three levels sum to 3 or more.
- `group` is the seeker post. Rationale spans are not used.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_scripts.reading import convert, dialogues, integer, read_csv, text
from pixel.data.builder import Corpus, main
from pixel.data.errors import ConversationError
from pixel.data.schema import conversation

FILES = {
    "emotional_reactions": "emotional-reactions.csv",
    "interpretations": "interpretations.csv",
    "explorations": "explorations.csv",
}
COLUMNS = ("sp_id", "rp_id", "seeker_post", "response_post", "level")
GOOD_SUM = 3

CORPUS = Corpus(
    name="epitome",
    title="EPITOME (Reddit)",
    folder="epitome",
    files=tuple(FILES.values()),
    licence="research-only (no licence file; Reddit part released for research)",
    homepage="https://github.com/behavioral-data/Empathy-Mental-Health",
    citation="Sharma et al., A Computational Approach to Understanding Empathy Expressed in Text-Based Mental Health "
    "Support, EMNLP 2020.",
    mapping=__doc__,
    limits=("Peers, not therapists: replies may be harmful advice; strong replies are few.",),
)


def rows(root: Path, skipped: list[ConversationError] | None = None) -> Iterator[dict[str, Any]]:
    """Conversations of two turns, one a pair of seeker post and response."""
    folder = CORPUS.path(root)
    annotated = (
        row | {"mechanism": mechanism} for mechanism, file in FILES.items() for row in read_csv(folder / file, COLUMNS)
    )
    pairs = dialogues(annotated, key=lambda row: (row.get("sp_id"), row.get("rp_id")))
    yield from convert(_pair, pairs, skipped)


def _pair(annotations: list[dict[str, Any]]) -> dict[str, Any]:
    first = annotations[0]
    levels = {mechanism: _level(annotations, mechanism) for mechanism in FILES}
    known = all(level is not None for level in levels.values())
    return conversation(
        [
            {"role": "user", "content": text(first, "seeker_post")},
            {"role": "assistant", "content": text(first, "response_post")},
        ],
        id=f"{text(first, 'sp_id')}-{text(first, 'rp_id')}",
        source=CORPUS.name,
        licence=CORPUS.licence,
        group=text(first, "sp_id"),
        learn=[False, known and sum(levels.values()) >= GOOD_SUM],
        eq=[None, _eq(**levels)],
        **{mechanism: [None, level] for mechanism, level in levels.items()},
    )


def _level(annotations: list[dict[str, Any]], mechanism: str) -> int | None:
    levels = [integer(row, "level", 0, 2) for row in annotations if row["mechanism"] == mechanism]
    if not levels:
        raise ConversationError(
            f"the pair is not in {FILES[mechanism]}", field=mechanism, mend="take the three files of one release"
        )
    level, count = Counter(levels).most_common(1)[0]
    return level if 2 * count > len(levels) else None


def _eq(emotional_reactions: int | None, interpretations: int | None, explorations: int | None) -> dict | None:
    eq = {}
    if interpretations is not None:
        eq["empathy_recognition"] = interpretations / 2
    if emotional_reactions is not None and explorations is not None:
        eq["interpersonal_skills"] = (emotional_reactions + explorations) / 4
    return eq or None


if __name__ == "__main__":
    main(CORPUS, rows)
