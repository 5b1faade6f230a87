"""
EmoryNLP: utterances of the series Friends with seven emotions, as a scene.

Scene -> one conversation; every utterance is a user message, whoever speaks; nothing is learnt by the language model.

- `emotion` is **partial**: the annotated class is 1, the other six classes (one was chosen) are 0, and the remaining
  GoEmotions names are unknown. Mad -> anger, Scared -> fear, Joyful -> joy, Neutral -> neutral, Sad -> sadness;
  Peaceful -> relief and Powerful -> pride are **approximations**: GoEmotions has no name that means the same.
- `group` is the scene (season, episode, scene). The official train and dev files are the train and validation splits.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_scripts.reading import choice, convert, dialogues, integer, read_csv, text
from pixel.data.builder import Corpus, main
from pixel.data.errors import ConversationError
from pixel.data.schema import conversation

SPLITS = {"train": "train.csv", "validation": "dev.csv", "test": "test.csv"}
SCENE = ("Season", "Episode", "Scene_ID")
COLUMNS = ("Utterance", "Emotion", *SCENE, "Utterance_ID")
EMOTIONS = {
    "Mad": "anger", "Scared": "fear", "Joyful": "joy", "Neutral": "neutral", "Sad": "sadness", "Peaceful": "relief",
    "Powerful": "pride",
}  # fmt: skip

CORPUS = Corpus(
    name="emorynlp",
    title="EmoryNLP emotion detection",
    folder="emorynlp",
    files=("train.csv", "dev.csv"),
    optional=("test.csv",),
    licence="Apache-2.0",
    homepage="https://github.com/emorynlp/emotion-detection",
    citation="Zahiri & Choi, Emotion Detection on TV Show Transcripts with Sequence-based Convolutional Neural "
    "Networks, AAAI Workshop on Affective Content Analysis 2018.",
    mapping=__doc__,
    official_splits=True,
    limits=("Scripted television dialogue (third-party copyright in the text).",),
)


def rows(root: Path, skipped: list[ConversationError] | None = None) -> Iterator[dict[str, Any]]:
    """Conversations, one a scene."""
    folder = CORPUS.path(root)
    for split, file in SPLITS.items():
        if (folder / file).is_file():
            turns = read_csv(folder / file, COLUMNS)
            scenes = dialogues(turns, key=lambda row: tuple(row.get(name) for name in SCENE))
            for row in convert(_scene, scenes, skipped):
                yield row | {"split": split}


def _scene(turns: list[dict[str, Any]]) -> dict[str, Any]:
    turns = sorted(turns, key=lambda row: integer(row, "Utterance_ID", 0, 10_000))
    season, episode, scene = (text(turns[0], name) for name in SCENE)
    return conversation(
        [{"role": "user", "content": text(row, "Utterance")} for row in turns],
        id=f"s{season}-e{episode}-c{scene}",
        source=CORPUS.name,
        licence=CORPUS.licence,
        learn=False,
        emotion=[_emotion(choice(row, "Emotion", EMOTIONS)) for row in turns],
    )


def _emotion(annotated: str) -> dict[str, int]:
    return {name: int(name == EMOTIONS[annotated]) for name in EMOTIONS.values()}


if __name__ == "__main__":
    main(CORPUS, rows)
