"""The list of playlists: what may be fetched, with whose consent, under which licence."""

import datetime
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pixel.voice.sources.settings import DownloadSettings

SLOTS = Path(__file__).with_name("playlists.yaml")
"""The list that ships with Pixel: 28 empty slots."""
Scope = Literal["transcription", "personality", "training", "publication"]


class PlaylistError(ValueError):
    """A list of playlists that cannot be used, in one line: file, slot, field, problem, mend."""

    def __init__(self, problem: str, *, file=None, slot=None, field: str | None = None, mend: str | None = None):
        parts = (("file", file), ("slot", slot), ("field", field and repr(field)))
        place = ", ".join(f"{name} {value}" for name, value in parts if value is not None)
        super().__init__(f"{place + ': ' if place else ''}{problem}{'. Mend: ' + mend if mend else ''}")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Consent(_Strict):
    """
    Who allowed what, when, and where that can be seen.

    Attributes:
        given_by: the person whose voice it is, or who may speak for them.
        date: the day it was given.
        scope: what it covers: `transcription`, `personality` (markers and fingerprints), `training`, `publication`.
        evidence: where the proof lies, e.g. a form's number or an address.
        withdrawn: the day it was taken back; from then on nothing is fetched.
    """

    given_by: str | None = None
    date: datetime.date | None = None
    scope: frozenset[Scope] = frozenset()
    evidence: str | None = None
    withdrawn: datetime.date | None = None

    def taken_back(self, today: datetime.date) -> str | None:
        """Since when and what to do, or `None` where it was not taken back."""
        if self.withdrawn and self.withdrawn <= today:
            return f"the consent was withdrawn on {self.withdrawn}: delete what was fetched"
        return None

    def lacks(self, today: datetime.date) -> str | None:
        """Why it does not allow fetching and transcribing, or `None` where it does."""
        if taken_back := self.taken_back(today):
            return taken_back
        if missing := [name for name in ("given_by", "date", "evidence") if not getattr(self, name)]:
            return f"no recorded consent: {', '.join(f'consent.{name}' for name in missing)} is missing"
        if self.date > today:
            return f"the consent begins on {self.date}"
        return None if "transcription" in self.scope else "the consent's scope leaves out transcription"

    def as_fact(self) -> dict[str, Any]:
        """Plain JSON values, for sidecars and datasets."""
        return self.model_dump(mode="json", exclude={"scope"}) | {"scope": sorted(self.scope)}


class Playlist(_Strict):
    """
    One slot.

    Attributes:
        id: of the slot, and the name of its folder of recordings.
        url: of a playlist, a channel, a podcast's feed or one recording; `None`: the slot is empty.
        channel: whose it is.
        licence: of the recordings, e.g. `CC-BY-4.0`, or on what permission they are used.
        consent: see `Consent`.
        language: ISO 639-1 code, or `None` where it should be heard out.
        speakers: one voice, or somebody asked by somebody.
        persona: whose manner of speaking the playlist is an example of.
        notes: for people.
        enabled: `False` leaves the slot alone.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    url: str | None = None
    channel: str | None = None
    licence: str | None = None
    consent: Consent = Consent()
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    speakers: Literal["monologue", "interview"] = "monologue"
    persona: str | None = None
    notes: str | None = None
    enabled: bool = True

    @field_validator("url")
    @classmethod
    def _web(cls, url: str | None) -> str | None:
        if url and not re.match(r"https?://[^\s/]+", url):
            raise ValueError("is no address that begins with http:// or https://")
        return url or None

    @field_validator("consent", mode="before")
    @classmethod
    def _none_recorded(cls, consent: Any) -> Any:
        return Consent() if consent is None else consent

    @property
    def state(self) -> str:
        """
        `empty`, `disabled`, `ready`, or `refused: ` and why. A consent that was taken back goes before all else: what
        was fetched of a slot must go also where the slot was emptied or disabled since.
        """
        today = datetime.date.today()
        if taken_back := self.consent.taken_back(today):
            return f"refused: {taken_back}"
        if not self.url:
            return "empty"
        if not self.enabled:
            return "disabled"
        if not self.licence:
            return "refused: no recorded licence"
        lacks = self.consent.lacks(today)
        return f"refused: {lacks}" if lacks else "ready"

    @property
    def ready(self) -> bool:
        return self.state == "ready"

    def facts(self) -> dict[str, Any]:
        """What every recording of the slot carries with it; facts that are not known are left out."""
        facts = self.model_dump(include={"channel", "licence", "language", "speakers", "persona"}, exclude_none=True)
        return facts | {"playlist": self.id, "consent": self.consent.as_fact()}


class Sources(_Strict):
    """The whole file: how to fetch, and what."""

    settings: DownloadSettings = DownloadSettings()
    playlists: list[Playlist] = Field(min_length=1)


def load_sources(file: str | Path = SLOTS) -> Sources:
    """
    Read a list of playlists and its block of settings.

    Raises:
        PlaylistError: not there, no YAML, a field unknown or wrong, an id or address twice; the first one, named.
    """
    from pixel.knowledge.errors import KnowledgeError
    from pixel.knowledge.yaml_files import read_yaml

    file = Path(file)
    try:
        content = read_yaml(file)
    except KnowledgeError as error:
        raise PlaylistError(error.problem, file=file, mend=error.mend) from None
    if not isinstance(content, dict):
        raise PlaylistError("holds no `playlists:`", file=file, mend=f"start from a copy of {SLOTS.name}")
    try:
        sources = Sources.model_validate(content)
    except ValidationError as error:
        raise _first(error, content, file) from None
    for field in ("id", "url"):
        seen: set[str] = set()
        for playlist in sources.playlists:
            value = getattr(playlist, field)
            if value in seen:
                place = {"file": file, "slot": playlist.id, "field": field}
                raise PlaylistError(f"{value} stands in two slots", **place, mend="keep it in one")
            seen |= {value} - {None}
    return sources


def load_playlists(file: str | Path = SLOTS) -> list[Playlist]:
    """The playlists of `load_sources`, in the order of the file."""
    return load_sources(file).playlists


def table(playlists: list[Playlist]) -> str:
    """The state of every slot, as a Markdown table."""
    from pixel.metrics.table import markdown

    header = ("slot", "state", "channel", "licence", "consent", "language", "speakers")
    rows = []
    for slot in playlists:
        consent = f"{slot.consent.given_by}, {slot.consent.date}" if slot.consent.given_by else None
        rows.append((slot.id, slot.state, slot.channel, slot.licence, consent, slot.language, slot.speakers))
    return markdown(header, rows)


def _first(error: ValidationError, content: dict, file: Path) -> PlaylistError:
    """The first thing that is wrong, with the slot it stands in."""
    wrong = error.errors(include_url=False)[0]
    place, slot = list(wrong["loc"]), None
    if len(place) > 1 and place[0] == "playlists" and isinstance(place[1], int):
        entry = content["playlists"][place[1]]
        slot = (entry.get("id") if isinstance(entry, dict) else None) or f"number {place[1] + 1}"
        place = place[2:]
    problem = wrong["msg"].removeprefix("Value error, ")
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    field = ".".join(map(str, place)) or None
    mend = f"the fields and what they may hold are described at the top of {SLOTS.name}"
    return PlaylistError(problem + more, file=file, slot=slot, field=field, mend=mend)
