"""
MELD: utterances of the series Friends with seven emotions, as a dialogue.

Dialogue -> one conversation; every utterance is a user message, whoever speaks; nothing is learnt by the language
model. Stray Windows-1252 control characters (U+0092 for an apostrophe) are mended.

- `emotion` is **partial**: the annotated class is 1, the other six classes (anger, disgust, fear, joy, neutral,
  sadness, surprise; one was chosen) are 0, and the remaining GoEmotions names are unknown.
- Sentiment is not used: a negative sentiment is not distress.
- `group` is the dialogue. The official train and dev files are the train and validation splits.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_scripts.reading import choice, convert, dialogues, integer, read_csv, text
from pixel.data.builder import Corpus, main
from pixel.data.errors import ConversationError
from pixel.data.schema import conversation

SPLITS = {"train": "train.csv", "validation": "dev.csv", "test": "test.csv"}
COLUMNS = ("Utterance", "Emotion", "Dialogue_ID", "Utterance_ID")
EMOTIONS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")

CORPUS = Corpus(
    name="meld",
    title="MELD",
    folder="meld",
    files=("train.csv", "dev.csv"),
    optional=("test.csv",),
    licence="GPL-3.0-only",
    homepage="https://github.com/declare-lab/MELD",
    citation="Poria et al., MELD: A Multimodal Multi-Party Dataset for Emotion Recognition in Conversations, "
    "ACL 2019.",
    mapping=__doc__,
    official_splits=True,
    limits=("Scripted television dialogue (third-party copyright in the text); raters also saw and heard the scene.",),
)


def rows(root: Path, skipped: list[ConversationError] | None = None) -> Iterator[dict[str, Any]]:
    """Conversations, one a dialogue."""
    folder = CORPUS.path(root)
    for split, file in SPLITS.items():
        if (folder / file).is_file():
            groups = dialogues(read_csv(folder / file, COLUMNS), key=lambda row: row.get("Dialogue_ID"))
            for row in convert(lambda turns, split=split: _dialogue(turns, split), groups, skipped):
                yield row | {"split": split}


def _dialogue(turns: list[dict[str, Any]], split: str) -> dict[str, Any]:
    turns = sorted(turns, key=lambda row: integer(row, "Utterance_ID", 0, 10_000))
    return conversation(
        [{"role": "user", "content": text(row, "Utterance")} for row in turns],
        id=f"{split}-{text(turns[0], 'Dialogue_ID')}",
        source=CORPUS.name,
        licence=CORPUS.licence,
        learn=False,
        emotion=[_emotion(choice(row, "Emotion", EMOTIONS)) for row in turns],
    )


def _emotion(annotated: str) -> dict[str, int]:
    return {name: int(name == annotated) for name in EMOTIONS}


if __name__ == "__main__":
    main(CORPUS, rows)
