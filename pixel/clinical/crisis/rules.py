"""The third voice: which signals a message carries, of whom, when, and whether denied. Nothing is learned here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

SIGNALS = Path(__file__).parent / "signals"
NEGATION_WORDS = 5
"""How many words before a signal a negation reaches."""


@dataclass(frozen=True)
class Signal:
    """A family of patterns: id, kind of crisis, rung of the ladder (0: it informs only), whether it flags alone."""

    id: str
    kind: str
    level: int
    flag: bool
    asserts: bool
    alone: bool
    because: str
    patterns: tuple[re.Pattern, ...]


@dataclass(frozen=True)
class Finding:
    """
    A signal found in a sentence.

    Attributes:
        signal: which.
        sentence: number of the sentence in the message.
        pattern: which of the signal's patterns.
        subject: `self` or `other`.
        past: told of a distant past.
        denied: negated.
        unsupported: its signal does not stand alone and no other one is in the message.
    """

    signal: Signal
    sentence: int
    pattern: int = 0
    subject: str = "self"
    past: bool = False
    denied: bool = False
    unsupported: bool = False

    @property
    def stated(self) -> int:
        """The rung it speaks of: 0 if denied or of another person; what is told of a distant past, 2 at most."""
        if self.denied or self.subject == "other":
            return 0
        return min(self.signal.level, 2) if self.past else self.signal.level

    @property
    def level(self) -> int:
        """The rung it reaches: as stated, or 0 where its signal does not stand alone and nothing stands beside it."""
        return 0 if self.unsupported else self.stated


def _any(patterns: Iterable[str]) -> str:
    return "(?:" + "|".join(patterns) + ")"


@dataclass(frozen=True)
class Rules:
    signals: tuple[Signal, ...]
    idioms: re.Pattern
    negators: re.Pattern
    not_negators: re.Pattern
    past: re.Pattern
    other: re.Pattern


_CLAUSE = re.compile(r"[,;:()]| but | so | because | then | and i\b| although | though ")
_SELF = re.compile(r"\b(?:i|i'?m|i'?ve|i'?d|i'?ll|im|ima|imma|my|me|myself)\b")
_SPEAKER = re.compile(r"\b(?:i|i'?m|i'?ve|i'?d|i'?ll|im|ima|imma)\b")
_REFLEXIVE_SELF = re.compile(r"\b(?:myself|kms)\b|\bmy (?:own )?(?:life|wrists?|throat|brains?|head|veins)\b")
_REFLEXIVE_OTHER = re.compile(
    r"\b(?:himself|herself|themsel(?:f|ves)|yoursel(?:f|ves)|urself"
    r"|(?:his|her|their|your) (?:own )?(?:li(?:fe|ves)|wrists?))\b"
)
_INCITED = re.compile(r"\b(?:told|tells?|telling|said|says?) (?:me |that |i should )?(?:to )?(?:go )?(?:just )?$")
_SUBJECT_WORDS = 8


@lru_cache(maxsize=1)
def load_rules(folder: str | Path = SIGNALS) -> Rules:
    """
    The signal files of a folder, compiled.

    Raises:
        ValueError: a file that is not YAML or a pattern that does not compile; the message names the file or signal.
    """
    folder = Path(folder)
    read = {name: _read(folder / f"{name}.yaml") for name in ("blocks", "suicide", "other_kinds", "context", "scope")}
    blocks: dict[str, str] = {}
    for name, patterns in read["blocks"].items():
        blocks[name] = _any(_fill(pattern, blocks) for pattern in patterns)
    signals = []
    for row in [*read["suicide"], *read["other_kinds"], *read["context"]]:
        try:
            patterns = tuple(re.compile(rf"\b{_any([_fill(one, blocks)])}(?!\w)") for one in row["patterns"])
        except (re.error, KeyError) as error:
            raise ValueError(f"signal {row.get('id')!r}: {error}. Mend: fix its patterns in {folder}") from error
        signals.append(
            Signal(row["id"], row.get("kind", "none"), row.get("level", 0), row.get("flag", False),
                   row.get("asserts", False), row.get("alone", True), row.get("because", ""), patterns)
        )  # fmt: skip
    scope = read["scope"]
    return Rules(
        tuple(signals),
        re.compile(rf"\b{_any(_fill(one, blocks) for one in scope['idioms'])}(?!\w)"),
        re.compile(rf"(?:\b|(?<=n)'t){_any(scope['negators'])}(?![a-z'])".replace("n'?t", "[a-z]+n't")),
        re.compile(rf"\b{_any(scope['not_negators'])}"),
        re.compile(rf"\b{_any(scope['past'])}\b"),
        re.compile(rf"\b{blocks['someone']}\b"),
    )


def _read(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{file}: not YAML: {' '.join(str(error).split())}. Mend: fix that line") from error


def _fill(pattern: str, blocks: dict[str, str]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda match: blocks[match[1]], pattern)


def find(sentences: Iterable[str]) -> list[Finding]:
    """
    Args:
        sentences: of one message, as `pixel.clinical.crisis.text.prepare` gives them.

    Returns:
        one finding a signal, sentence and reading (who, when, denied), in reading order.
    """
    rules, found = load_rules(), []
    for number, sentence in enumerate(sentences):
        sentence = rules.idioms.sub(lambda match: "_" * len(match[0]), sentence)
        past = bool(rules.past.search(sentence))
        seen = set()
        for signal in rules.signals:
            for place, pattern in enumerate(signal.patterns):
                for match in pattern.finditer(sentence):
                    subject, denied = _scope(rules, signal, sentence, match)
                    finding = Finding(signal, number, place, subject, past, denied)
                    if finding not in seen:
                        seen.add(finding)
                        found.append(finding)
    if any(finding.signal.alone and finding.level for finding in found):
        return found
    return [finding if finding.signal.alone else replace(finding, unsupported=True) for finding in found]


def _scope(rules: Rules, signal: Signal, sentence: str, match: re.Match) -> tuple[str, bool]:
    """Of whom a match speaks, and whether it is denied: read off the clause before it."""
    before = sentence[: match.start()]
    clause = _CLAUSE.split(before)[-1]
    denied = not signal.asserts and _negated(rules, clause)
    near = " ".join(clause.split()[-_SUBJECT_WORDS:]) + " "
    if _REFLEXIVE_OTHER.search(match[0]) or (_INCITED.search(near) and not _SELF.search(match[0])):
        subject = "other"
    elif _REFLEXIVE_SELF.search(match[0]):
        subject = "other" if _INCITED.search(near) else "self"
    else:
        mine = max((one.end() for one in _SPEAKER.finditer(near)), default=-1)
        theirs = max((one.end() for one in rules.other.finditer(near)), default=-1)
        subject = "other" if theirs > mine and not _SELF.search(match[0]) else "self"
    return subject, denied


def _negated(rules: Rules, clause: str) -> bool:
    near = " ".join(clause.split()[-NEGATION_WORDS:])
    near = rules.not_negators.sub(" ", near)
    negations = rules.negators.findall(near)
    return len(negations) % 2 == 1


def only_denied(findings: Iterable[Finding], words: int) -> bool:
    """Whether a short message (at most 40 words) speaks of suicide or self-harm only to deny it."""
    spoken = [one for one in findings if one.signal.kind in ("suicide", "self_harm")]
    return words <= 40 and any(one.denied for one in spoken) and not any(one.stated for one in spoken)


def strongest(findings: Iterable[Finding]) -> dict[str, int]:
    """The highest rung that each signal reaches, by id; signals that reach none are left out."""
    ranked = sorted((f.signal.id, f.level) for f in findings if f.level > 0)
    return {name: max(level for _, level in group) for name, group in groupby(ranked, key=lambda pair: pair[0])}
