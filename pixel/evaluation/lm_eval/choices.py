"""Multiple choice in every order: each option stands once in each place, so that a place alone scores nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True)
class Question:
    """
    Attributes:
        id: of the question, unique within a task and part.
        prompt: everything before the options.
        options: as the source orders them.
        right: index of the right one.
        part: where a task asks several things (`emotion`, `cause`), which.
        group: questions that belong together (one conversation, one category) and are resampled whole.
    """

    id: str
    prompt: str
    options: tuple[str, ...]
    right: int
    part: str = ""
    group: str | None = None

    def __post_init__(self):
        if not 2 <= len(self.options) <= len(LETTERS) or len(set(self.options)) < len(self.options):
            raise ValueError(f"question {self.id}: 2 to {len(LETTERS)} different options needed")
        if not 0 <= self.right < len(self.options):
            raise ValueError(f"question {self.id}: no option {self.right}")


def documents_of(questions: Iterable[Question]) -> Iterator[dict[str, Any]]:
    """
    One document for each order of a question's options: order `r` starts with option `r` and goes round.

    Yields:
        `id`, `part`, `group`, `order`, `prompt` (with the options and the request for a letter), `letters`, `options`
        (as shown), `gold` (place of the right one).
    """
    for question in questions:
        count = len(question.options)
        for order in range(count):
            shown = [question.options[(place + order) % count] for place in range(count)]
            yield {
                "id": question.id,
                "part": question.part,
                "group": question.group or question.id,
                "order": order,
                "prompt": with_options(question.prompt, shown),
                "letters": list(LETTERS[:count]),
                "options": shown,
                "gold": (question.right - order) % count,
            }


def with_options(prompt: str, options: Sequence[str]) -> str:
    """The prompt, the options with their letters, and where the letter goes."""
    lines = [f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False)]
    return "\n".join([prompt.strip(), "", *lines, "", "Answer with the letter of the best option.", "Answer:"])


def taken(place: int, order: int, count: int) -> int:
    """The option, numbered as in the source, that stands at a place of an order."""
    return (place + order) % count
