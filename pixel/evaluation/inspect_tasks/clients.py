"""Simulated clients: scripts that react to whether they were asked something."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pixel.data.errors import ConversationError

FILE = Path(__file__).with_name("clients.yaml")
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]


class ClientTurn(BaseModel):
    """
    One message of a client.

    Attributes:
        say: what is said.
        if_asked: what is said instead where the reply before asked a question.
        danger: the message tells of danger to life.
        imminent: and it cannot wait.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    say: Text
    if_asked: Text | None = None
    danger: bool = False
    imminent: bool = False

    def words(self, reply: str | None) -> str:
        """The message, given the helper's reply before it (`None`: it is the first)."""
        return self.if_asked if self.if_asked and reply and "?" in reply else self.say


class Client(BaseModel):
    """
    A script.

    Attributes:
        id, about: what it is called and what it is there for.
        turns: in order.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    about: Text
    turns: Annotated[tuple[ClientTurn, ...], Field(min_length=2)]

    @property
    def in_danger(self) -> bool:
        """Whether it ever tells of danger."""
        return any(turn.danger for turn in self.turns)

    def danger(self) -> list[float]:
        """1 or 0 for every message of the conversation, replies included (0)."""
        return [value for turn in self.turns for value in (float(turn.danger), 0.0)]


@lru_cache(maxsize=4)
def clients(file: Path = FILE) -> dict[str, Client]:
    """
    Scripts by id.

    Raises:
        ConversationError: a malformed script, with its place.
    """
    import yaml

    found = {}
    for number, row in enumerate(yaml.safe_load(file.read_text(encoding="utf-8")) or []):
        try:
            client = Client.model_validate(row)
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(map(str, problem["loc"]))
            raise ConversationError(problem["msg"], file=file, row=number, field=place) from None
        if client.id in found:
            raise ConversationError("is there twice", file=file, row=number, field="id")
        found[client.id] = client
    return found
