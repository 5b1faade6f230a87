"""Where to find a person: crisis lines by country and kind of crisis, and what holds where none is known."""

import datetime
import re
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field, model_validator

from pixel.knowledge.loading import DATA
from pixel.knowledge.schema import Entry, Id, Text
from pixel.knowledge.yaml_files import entry, read_yaml

FITS = (
    "any", "suicide", "self_harm", "harm_to_others", "abuse", "child_abuse", "elder_abuse", "domestic_violence",
    "psychosis", "overdose", "disordered_eating", "young", "older", "veterans", "lgbtq",
)  # fmt: skip
ALSO = {"UK": "GB", "USA": "US"}
"""Codes that people write for others."""


class Line(Entry):
    """A line: how to reach it, when, in which languages, for whom; `checked`: the day somebody verified it, or no."""

    id: Id
    name: Text
    call: str | None = None
    text: str | None = None
    web: str | None = None
    hours: str
    languages: list[str] = Field(min_length=1)
    fits: list[Literal[FITS]] = Field(alias="for", min_length=1)
    checked: Literal[False] | datetime.date

    @model_validator(mode="after")
    def _reachable(self):
        if not (self.call or self.text or self.web):
            raise ValueError("give call, text or web")
        return self

    def words(self) -> str:
        """For a person to read: `Samaritans: call 116 123 (24/7)`."""
        ways = [f"{way} {value}" for way in ("call", "text") if (value := getattr(self, way))]
        hours = f" ({self.hours})" if self.hours != "varies" else ""
        return f"{self.name}: {', '.join(ways) or self.web}{hours}"


class Region(Entry):
    """A country's emergency number and lines."""

    name: Text
    emergency: str
    lines: list[Line] = Field(min_length=1)


class International(Entry):
    """What holds where no country is known."""

    emergency: str
    emergency_note: str
    lines: list[Line] = Field(min_length=1)


class ResourceFile(Entry):
    """The whole file."""

    note: Text
    international: International
    regions: dict[str, Region]
    child_helpline_116111: Line
    eu: list[str]


class Resources(NamedTuple):
    """
    What to show a person.

    Attributes:
        region: country code, or `None` where it fell back to what holds everywhere.
        emergency: number.
        lines: the best fitting first; never empty.
        note: that numbers have to be verified, and which were not.
    """

    region: str | None
    emergency: str
    lines: tuple[Line, ...]
    note: str

    def words(self) -> str:
        """Lines for a person to read."""
        return "\n".join([*(f"  {line.words()}" for line in self.lines), f"  In an emergency: {self.emergency}"])


def load_resources(file: Path = DATA / "resources.yaml") -> ResourceFile:
    """
    Read a file of lines.

    Raises:
        KnowledgeError: it cannot be read, or a field is wrong; named.
    """
    return entry(ResourceFile, read_yaml(file), file)


@lru_cache(maxsize=1)
def crisis_lines() -> ResourceFile:
    """The lines that ship with Pixel, read once. None of them was called: verify before deployment."""
    return load_resources()


def resources_for(
    region: str | None = None, kind: str = "suicide", *, groups: tuple[str, ...] = (), most: int = 3,
    known: ResourceFile | None = None,
) -> Resources:  # fmt: skip
    """
    Lines for a country and a kind of crisis.

    Args:
        region: ISO country code, or a locale (`de_AT.UTF-8`, `en-GB`); `None`, unknown: what holds everywhere.
        kind: of crisis; lines made for it come first, then those for every crisis.
        groups: the person's: `young`, `older`, `veterans`, `lgbtq`. Lines for other groups are left out.
        most: lines at most, the international directory not counted.
        known: the lines (default: those that ship with Pixel).
    """
    known = known or crisis_lines()
    code = country_code(region)
    place = known.regions.get(code or "")
    lines = list(place.lines) if place else []
    if code in known.eu and "116111" not in "".join(str(line.call) for line in lines).replace(" ", ""):
        lines.append(known.child_helpline_116111)
    wanted = {kind, *groups}
    fitting = [line for line in lines if wanted & {*line.fits}]
    general = [line for line in lines if "any" in line.fits and line not in fitting]
    if kind in ("suicide", "self_harm", "none", "psychosis", "harm_to_others"):  # the general line is made for these
        chosen = ([*general[:1], *fitting, *general[1:]])[:most]
    else:
        chosen = ([*fitting[: max(most - 1, 1)], *general])[:most]
    chosen += [known.international.lines[0]]
    unchecked = [line.id for line in chosen if line.checked is False]
    note = known.note if unchecked else ""
    emergency = place.emergency if place else f"{known.international.emergency} or your local emergency number"
    if not place and code in known.eu:
        emergency = known.international.emergency
    return Resources(code if place else None, emergency, tuple(chosen), note)


def country_code(region: str | None) -> str | None:
    """
    `GB` from `GB`, `gb`, `UK`, `en_GB.UTF-8` or `en-GB`; `None` where there is none in it.

    Example:
        >>> country_code("de_AT.UTF-8"), country_code("uk"), country_code("C.UTF-8")
        ('AT', 'GB', None)
    """
    text = (region or "").strip().split(".")[0].split("@")[0].upper()
    text = ALSO.get(text, text)
    if match := re.fullmatch(r"(?:[A-Z]{2,3}[-_](?:[A-Z]{4}[-_])?)?([A-Z]{2})", text):
        return ALSO.get(match[1], match[1])
    return None
