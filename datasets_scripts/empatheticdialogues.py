"""
EmpatheticDialogues: a speaker tells of a situation with one of 32 emotions, a listener answers.

Speaker -> user, listener -> assistant. The row that describes the situation is no message and is left out.

- `emotion` on the speaker's first turn, from the emotion that the speaker was asked to write about, is **partial**:
  where the table below has a GoEmotions name of the same meaning, that name is 1, neutral is 0, the rest is unknown.
  afraid, terrified -> fear; angry, furious -> anger; annoyed -> annoyance; anxious, apprehensive -> nervousness;
  ashamed, embarrassed -> embarrassment (which includes shame there); caring -> caring; devastated, lonely, sad ->
  sadness; disappointed -> disappointment; disgusted -> disgust; excited -> excitement; grateful -> gratitude;
  guilty -> remorse; hopeful -> optimism; impressed -> admiration; joyful -> joy; proud -> pride; surprised ->
  surprise.
  anticipating, confident, content, faithful, jealous, nostalgic, prepared, sentimental, trusting have none.
- The utterances' response intents come from a model, not from people (silver): they are **not** used as labels.
- Persona labels stay null. The language model learns the listener's turns.
- `group` is the crowd task (`hit`), which pairs the same two people for up to three dialogues.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_scripts.reading import choice, convert, dialogues, read_csv, text
from pixel.data.builder import Corpus, main
from pixel.data.errors import ConversationError
from pixel.data.schema import conversation

COLUMNS = ("Dialog_ID", "Type", "Actor", "Text", "Emotion")
ROLES = {"speaker": "user", "listener": "assistant"}
EMOTIONS = {
    "afraid": "fear", "terrified": "fear", "angry": "anger", "furious": "anger", "annoyed": "annoyance",
    "anxious": "nervousness", "apprehensive": "nervousness", "ashamed": "embarrassment",
    "embarrassed": "embarrassment", "caring": "caring", "devastated": "sadness", "lonely": "sadness", "sad": "sadness",
    "disappointed": "disappointment", "disgusted": "disgust", "excited": "excitement", "grateful": "gratitude",
    "guilty": "remorse", "hopeful": "optimism", "impressed": "admiration", "joyful": "joy", "proud": "pride",
    "surprised": "surprise", "anticipating": None, "confident": None, "content": None, "faithful": None,
    "jealous": None, "nostalgic": None, "prepared": None, "sentimental": None, "trusting": None,
}  # fmt: skip

CORPUS = Corpus(
    name="empatheticdialogues",
    title="EmpatheticDialogues",
    folder="empatheticdialogues",
    files=("dialogues.csv",),
    licence="CC-BY-NC-4.0",
    homepage="https://github.com/anuradha1992/EmpatheticIntents",
    citation="Rashkin et al., Towards Empathetic Open-domain Conversation Models, ACL 2019; file with intents from "
    "Welivita & Pu, A Taxonomy of Empathetic Response Intents, COLING 2020.",
    mapping=__doc__,
    limits=("Crowd workers writing to a prompt: the emotion was assigned, not observed.",),
)


def rows(root: Path, skipped: list[ConversationError] | None = None) -> Iterator[dict[str, Any]]:
    """Conversations, one a dialogue."""
    file = CORPUS.path(root) / "dialogues.csv"
    groups = dialogues(read_csv(file, COLUMNS), key=lambda row: row.get("Dialog_ID"))
    yield from convert(_dialogue, groups, skipped)


def _dialogue(lines: list[dict[str, Any]]) -> dict[str, Any] | None:
    turns = [row for row in lines if choice(row, "Type", ("situation", "utterance")) == "utterance"]
    if not turns:
        return None
    roles = [ROLES[choice(row, "Actor", ROLES)] for row in turns]
    emotion: list[dict[str, int] | None] = [None] * len(turns)
    name = EMOTIONS[choice(turns[0], "Emotion", EMOTIONS)]
    if name and "user" in roles:
        emotion[roles.index("user")] = {name: 1, "neutral": 0}
    dialogue = text(turns[0], "Dialog_ID")
    return conversation(
        [
            {"role": role, "content": text(row, "Text").replace("_comma_", ",")}
            for role, row in zip(roles, turns, strict=True)
        ],
        id=dialogue,
        source=CORPUS.name,
        licence=CORPUS.licence,
        group=dialogue.split("_")[0],
        emotion=emotion,
    )


if __name__ == "__main__":
    main(CORPUS, rows)
