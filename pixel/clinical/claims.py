"""What a sentence claims about categories and defences: durations, numbers of symptoms, codes, levels."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from pixel.clinical.phrases import written_out
from pixel.knowledge.loading import Knowledge

ALIASES = {
    "adhd": "attention_deficit_hyperactivity_disorder", "bpd": "borderline_personality_disorder",
    "gad": "generalized_anxiety_disorder", "generalised anxiety": "generalized_anxiety_disorder",
    "major depression": "major_depressive_disorder", "mdd": "major_depressive_disorder",
    "ocd": "obsessive_compulsive_disorder", "ptsd": "posttraumatic_stress_disorder",
    "post traumatic stress": "posttraumatic_stress_disorder", "social phobia": "social_anxiety_disorder",
    "dysthymia": "persistent_depressive_disorder", "bipolar i": "bipolar_i_disorder",
    "bipolar ii": "bipolar_ii_disorder", "complicated grief": "prolonged_grief_disorder",
}  # fmt: skip
"""Other names that people use -> category."""

IMMATURE = ("action", "major_image_distorting", "disavowal", "minor_image_distorting")
DEFENCE_LEVELS = {
    "immature": IMMATURE, "mature": ("high_adaptive",), "high adaptive": ("high_adaptive",),
    "neurotic": ("neurotic", "obsessional"), "obsessional": ("obsessional",), "disavowal": ("disavowal",),
    "minor image distorting": ("minor_image_distorting",), "major image distorting": ("major_image_distorting",),
    "image distorting": ("minor_image_distorting", "major_image_distorting"),
}  # fmt: skip
"""How a level of defences is spoken of -> the levels that it can mean."""

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
DAYS = {"day": 1.0, "week": 7.0, "month": 30.4, "year": 365.0}

_NUMBER = rf"(\d{{1,3}}|an?|{'|'.join(NUMBERS)})"
_LEAST = r"(?:at least|a minimum of|minimum|no (?:less|fewer) than|more than|longer than|over)"
_MOST = r"(?:at most|up to|a maximum of|no (?:more|longer) than|less than|within)"
_DURATION = re.compile(rf"\b(?:({_LEAST})|({_MOST})) (?:the (?:past|last) )?{_NUMBER} (day|week|month|year)s?\b")
_OR_MORE = re.compile(rf"\b{_NUMBER} (day|week|month|year)s? or (?:more|longer)\b")
_SIGNS = r"(?:\w+ )?(?:symptoms?|signs?|criteria|features?)"
_COUNT_OF = re.compile(rf"\b{_NUMBER} (?:or more )?(?:out )?of (?:the |these )?{_NUMBER}\b")
_COUNT = re.compile(rf"\b(?:at least {_NUMBER}|{_NUMBER} or more) {_SIGNS}\b")
_CODE = re.compile(r"\b[FGR]\d{2}(?:\.\d{1,3})?\b")
_CLAIMING = re.compile(
    r"\b(?:criteri\w+|diagnos\w+|requires?|required|needs?|needed|must|has to|have to|defined|definition|means|lasts?"
    r"|lasting|counts? as|calls? for|symptoms?)\b"
)
_LEVEL = re.compile(
    rf"\b({'|'.join(sorted(DEFENCE_LEVELS, key=len, reverse=True))})(?: level)?(?: of)? defen[cs]es?\b"
)


class Said(NamedTuple):
    """
    Attributes:
        categories, defences: ids that are named, the longest names first.
        durations: (days, `least` or `most`).
        counts: (how many, of how many or `None`).
        codes: ICD-10-CM codes.
        defence_levels: the levels that each claim can mean.
    """

    categories: list[str]
    defences: list[str]
    durations: list[tuple[float, str]]
    counts: list[tuple[int, int | None]]
    codes: list[str]
    defence_levels: list[tuple[str, ...]]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to check."""
        return not (self.durations or self.counts or self.codes or (self.defences and self.defence_levels))


class ClaimReader:
    """
    Reads sentences against the names of a knowledge base.

    A duration or number counts as a claim only where the sentence names a category or speaks of what is required:
    "you have slept badly for two weeks" tells of a person, not of a criterion.

    Args:
        base: whose names are known.

    Example:
        >>> ClaimReader(knowledge()).read("Panic disorder needs at least one month of worry.").durations
        [(30.4, 'least')]
    """

    def __init__(self, base: Knowledge):
        names = {written_out(category.name): id for id, category in base.categories.items()}
        names |= {id.replace("_", " "): id for id in base.categories}
        names |= {alias: id for alias, id in ALIASES.items() if id in base.categories}
        defences = {written_out(d["name"]): d["id"] for d in base.frameworks["defences"]["defences"]}
        self._categories, self._defences = _Names(names), _Names(defences)

    def read(self, sentence: str) -> Said:
        """What one sentence says; lists are empty for what it does not."""
        text = written_out(sentence)
        categories, defences = self._categories.found(text), self._defences.found(text)
        durations: list[tuple[float, str]] = []
        counts: list[tuple[int, int | None]] = []
        if categories or _CLAIMING.search(text):
            durations = [(_number(m[3]) * DAYS[m[4]], "least" if m[1] else "most") for m in _DURATION.finditer(text)]
            durations += [(_number(m[1]) * DAYS[m[2]], "least") for m in _OR_MORE.finditer(text)]
            counts = [(_number(m[1]), _number(m[2])) for m in _COUNT_OF.finditer(text)]
            counts += [(_number(m[1] or m[2]), None) for m in _COUNT.finditer(text)] if not counts else []
        negated = re.search(r"\b(?:not|no|never|rather than)\b", text)
        levels = [] if negated else [DEFENCE_LEVELS[m[1]] for m in _LEVEL.finditer(text)]
        return Said(categories, defences, durations, counts, _CODE.findall(sentence), levels)


class _Names:
    def __init__(self, names: dict[str, str]):
        self.names = names
        parts = sorted(map(re.escape, names), key=len, reverse=True)
        self.pattern = re.compile(rf"\b(?:{'|'.join(parts)})\b") if parts else re.compile(r"(?!)")

    def found(self, text: str) -> list[str]:
        return list(dict.fromkeys(self.names[match[0]] for match in self.pattern.finditer(text)))


def sentences(text: str) -> Iterable[str]:
    """The sentences of a text; a point within a number or code does not end one."""
    return (part for part in re.split(r"(?<=[.!?])\s+|\n+", text) if part.strip())


def _number(word: str) -> int:
    if word in ("a", "an"):
        return 1
    return int(word) if word.isdigit() else NUMBERS.index(word) + 1
