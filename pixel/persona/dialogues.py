"""The persona-switching benchmark as it lies in `benchmark/*.yaml`: what an item is, and the rules it must keep."""

from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field, model_validator

from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.yaml_files import read_yaml
from pixel.models.labels import PERSONA_CONTEXTS, PERSONA_MODES, PERSONA_TRIGGERS

BENCHMARK = Path(__file__).with_name("benchmark")
SPLITS = ("dev", "test")
MEND = "see pixel/persona/benchmark/README.md"

Text = Annotated[str, Field(min_length=1, pattern=r"\S")]


class Turn(BaseModel):
    """
    One message: the person's (`user`, labelled) or the reply (`assistant`, not labelled).

    Attributes:
        mode: what the person needs in answer to this message; where listening and a task are both needed at once,
            `hybrid`.
        context: what the message is about.
        trigger: what in the message moves the mode, or opens the conversation; `None` where nothing does.
        switch: whether the mode needed differs from that of the person's message before.
        why: one line a person can check against the message; at a switch only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: Text | None = None
    assistant: Text | None = None
    mode: Literal[PERSONA_MODES] | None = None
    context: Literal[PERSONA_CONTEXTS] | None = None
    trigger: Literal[PERSONA_TRIGGERS] | None = None
    switch: bool | None = None
    why: Annotated[str, Field(min_length=15, max_length=240)] | None = None

    @model_validator(mode="after")
    def _one_speaker(self):
        if (self.user is None) == (self.assistant is None):
            raise ValueError("a turn has either `user` or `assistant`")
        labels = (self.mode, self.context, self.switch)
        if self.user is not None and None in labels:
            raise ValueError("a user turn needs mode, context and switch")
        if self.assistant is not None and any(label is not None for label in (*labels, self.trigger, self.why)):
            raise ValueError("replies carry no labels")
        if bool(self.switch) != (self.why is not None):
            raise ValueError("`why` belongs to a switch, and every switch needs it")
        if self.switch and self.trigger is None:
            raise ValueError("a switch needs its trigger")
        return self


class Dialogue(BaseModel):
    """
    One item.

    Attributes:
        id: file name and number.
        split: `dev` (for thresholds and training) or `test`.
        person, manner: who writes, and how.
        tags: kinds of difficulty.
        turns: in order, the person and the replies by turns.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z_]+-\d{2}$")]
    split: Literal[SPLITS]
    person: Text
    manner: Text
    tags: Annotated[list[Annotated[str, Field(pattern=r"^[a-z_]+$")]], Field(min_length=1)]
    turns: Annotated[list[Turn], Field(min_length=6)]

    @model_validator(mode="after")
    def _switches_where_the_mode_changes(self):
        for number, turn in enumerate(self.turns):
            if (turn.user is not None) != (number % 2 == 0):
                raise ValueError(f"turn {number}: person and reply take turns, the person first")
        if self.users[0].switch:
            raise ValueError("turn 0: the first message has nothing to switch from")
        for number, (before, now) in enumerate(pairwise(self.users), 1):
            if now.switch != (now.mode != before.mode):
                raise ValueError(f"user turn {number}: switch is {now.switch} from {before.mode} to {now.mode}")
        if ("no_switch" in self.tags) == any(turn.switch for turn in self.users):
            raise ValueError("the tag no_switch belongs to dialogues without one")
        return self

    @cached_property
    def users(self) -> list[Turn]:
        """The person's turns."""
        return [turn for turn in self.turns if turn.user is not None]

    @property
    def modes(self) -> list[str]:
        """The mode needed at each of the person's turns."""
        return [turn.mode for turn in self.users]

    def messages(self) -> list[dict[str, str]]:
        """As `{"role", "content"}`."""
        return [
            {"role": "user", "content": turn.user}
            if turn.user is not None
            else {"role": "assistant", "content": turn.assistant}
            for turn in self.turns
        ]


def load_dialogues(split: str | None = None, folder: Path = BENCHMARK) -> list[Dialogue]:
    """
    The dialogues of every YAML file in a folder, by file and place.

    Args:
        split: `dev` or `test`; both where it is `None`.
        folder: with `*.yaml`.

    Raises:
        KnowledgeError: no file, broken YAML, a field missing or unknown, a rule broken, an id twice; names the place.
        ValueError: no such split.
    """
    if split not in (None, *SPLITS):
        raise ValueError(f"no split is called {split!r}. Mend: use one of: {', '.join(SPLITS)}")
    found = _shipped() if folder == BENCHMARK else _read(folder)
    return [dialogue for dialogue in found if split in (None, dialogue.split)]


@lru_cache(maxsize=1)
def _shipped() -> list[Dialogue]:
    return _read(BENCHMARK)


def _read(folder: Path) -> list[Dialogue]:
    found: dict[str, Dialogue] = {}
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise KnowledgeError("holds no .yaml file", file=folder, mend="reinstall Pixel or name another folder")
    for file in files:
        items = read_yaml(file)
        if not isinstance(items, list):
            raise KnowledgeError("is no list of dialogues", file=file, mend="start each with '- id:'")
        for item in items:
            dialogue = _dialogue(item, file)
            if dialogue.id in found:
                raise KnowledgeError("this id is taken", file=file, row=dialogue.id, mend="give it another")
            if dialogue.id.rpartition("-")[0] != file.stem:
                raise KnowledgeError("the id names another file", file=file, row=dialogue.id, mend="move or rename it")
            found[dialogue.id] = dialogue
    return list(found.values())


def _dialogue(item: Any, file: Path) -> Dialogue:
    if not isinstance(item, dict):
        raise KnowledgeError(f"holds {type(item).__name__} instead of a dialogue", file=file, mend=MEND)
    try:
        return Dialogue.model_validate(item)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        problem = first["msg"].removeprefix("Value error, ")
        raise KnowledgeError(problem, file=file, row=item.get("id"), field=field, mend=MEND) from None
