"""Readings made by hand, and a detector that looks words up in a table."""

from dataclasses import dataclass, field


@dataclass
class Made:
    severity: list[float]
    flag: bool = False
    abstain: bool = False
    kind: str = "none"
    high: bool = False
    reasons: list[str] = field(default_factory=list)


def reading(level: int = 0, kind: str | None = None, **more) -> Made:
    """All probability on one rung; flagged as suicide from rung 1 on."""
    severity = [0.0] * 7
    severity[level] = 1.0
    given = {"flag": level > 0 or kind is not None, "kind": kind or ("suicide" if level else "none")} | more
    return Made(severity, **given)


class Table:
    """Reads a message as the first word of the table that stands in it says; anything else is no risk."""

    def __init__(self, **words: Made):
        self.words, self.calls, self.texts = words, 0, []

    def read(self, texts):
        self.calls += 1
        self.texts += texts
        return [next((made for word, made in self.words.items() if word in text), reading()) for text in texts]


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def helper(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}
