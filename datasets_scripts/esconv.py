"""
ESConv: emotional support between crowd workers, with the supporter's strategies and the seeker's ratings.

Seeker (`usr`) -> user, supporter (`sys`) -> assistant, learnt by the language model. The corpus's spaces before
punctuation and within contractions are closed.

- `intervention` on supporter turns, from all strategies of the turn: Question -> open_question, Restatement or
  Paraphrasing -> simple_reflection, Reflection of feelings -> complex_reflection, Self-disclosure -> self_disclosure,
  Affirmation and Reassurance -> affirmation, Providing Suggestions or Information -> advice; Greeting and Others ->
  none. Known, as 0 or 1, are the names that the strategies tell apart. Question does not tell open from closed, nor
  the suggestion strategy advice from information: where such a strategy occurs, closed_question or information is
  unknown, and open_question or advice is an **approximation**; elsewhere they are 0. All other names are unknown:
  ESConv has no strategy for validation, normalising or exploring options.
- `distress` (seeker's own rating, 1-5, stored as (x - 1) / 4): before the chat on the seeker's first turn, after it on
  the seeker's last turn.
- `eq_total` on the supporter turn before a rated seeker turn: the seeker's feedback (1-5), stored as (x - 1) / 4.
- `persona_mode` therapy on supporter turns, `persona_context` emotional_support on seeker turns, by the task's design.
- `group` is the dialogue. Model-made columns of this file (vad, cause) are not used.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_scripts.reading import FILE, NUMBER, choice, convert, damaged, integer, read_jsonl, text
from pixel.data.builder import Corpus, main
from pixel.data.errors import ConversationError
from pixel.data.schema import conversation

ROLES = {"usr": "user", "seeker": "user", "sys": "assistant", "supporter": "assistant"}
STRATEGIES = {
    "Question": "open_question", "Restatement or Paraphrasing": "simple_reflection",
    "Reflection of feelings": "complex_reflection", "Self-disclosure": "self_disclosure",
    "Affirmation and Reassurance": "affirmation", "Providing Suggestions or Information": "advice",
    "Providing Suggestions": "advice", "Information": "information", "Greeting": None, "Greetings": None,
    "Others": None,
}  # fmt: skip
BLURRED = {"Question": "closed_question", "Providing Suggestions or Information": "information"}
KNOWN = (
    "open_question", "closed_question", "simple_reflection", "complex_reflection", "affirmation", "self_disclosure",
    "information", "advice",
)  # fmt: skip

CORPUS = Corpus(
    name="esconv",
    title="ESConv",
    folder="esconv",
    files=("dialogues.jsonl",),
    licence="CC-BY-NC-4.0",
    homepage="https://github.com/lwgkzl/MultiESC",
    citation="Liu et al., Towards Emotional Support Dialog Systems, ACL 2021; file from Cheng et al., EMNLP 2022.",
    mapping=__doc__,
    limits=("Supporters are trained crowd workers, not therapists; the corpus kept chats after which distress fell.",),
)


def rows(root: Path, skipped: list[ConversationError] | None = None) -> Iterator[dict[str, Any]]:
    """Conversations, one a dialogue."""
    file = CORPUS.path(root) / "dialogues.jsonl"
    yield from convert(_dialogue, read_jsonl(file), skipped)


def _dialogue(line: dict[str, Any]) -> dict[str, Any]:
    dialog = line.get("dialog")
    if not isinstance(dialog, list) or not dialog or not all(isinstance(turn, dict) for turn in dialog):
        raise damaged(line, "dialog", "is no list of turns", "mend or drop the line")
    turns = [turn | {FILE: line[FILE], NUMBER: line[NUMBER]} for turn in dialog]
    roles = [ROLES[choice(turn, "speaker", ROLES)] for turn in turns]
    distress: list[float | None] = [None] * len(turns)
    seekers = [index for index, role in enumerate(roles) if role == "user"]
    if seekers:
        distress[seekers[-1]] = (integer(line, "final_intensity", 1, 5) - 1) / 4
        distress[seekers[0]] = (integer(line, "init_intensity", 1, 5) - 1) / 4
    return conversation(
        [{"role": role, "content": _closed(text(turn, "text"))} for role, turn in zip(roles, turns, strict=True)],
        id=str(line[NUMBER]),
        source=CORPUS.name,
        licence=CORPUS.licence,
        distress=distress,
        intervention=[
            _intervention(turn) if role == "assistant" else None for role, turn in zip(roles, turns, strict=True)
        ],
        eq_total=_feedback(turns, roles),
        persona_mode=["therapy" if role == "assistant" else None for role in roles],
        persona_context=["emotional_support" if role == "user" else None for role in roles],
    )


def _intervention(turn: dict[str, Any]) -> dict[str, int | None] | None:
    strategies = turn.get("all_strategy") or [turn.get("strategy")]
    if strategies == [None]:
        return None
    strategies = [choice(turn | {"strategy": strategy}, "strategy", STRATEGIES) for strategy in strategies]
    present = {STRATEGIES[strategy] for strategy in strategies}
    blurred = {BLURRED[strategy] for strategy in strategies if strategy in BLURRED} - present
    return {name: None if name in blurred else int(name in present) for name in KNOWN}


def _feedback(turns: list[dict[str, Any]], roles: list[str]) -> list[float | None]:
    totals: list[float | None] = [None] * len(turns)
    for index, turn in enumerate(turns):
        before = [at for at in range(index) if roles[at] == "assistant"]
        if roles[index] == "user" and turn.get("feedback") is not None and before:
            totals[before[-1]] = (integer(turn, "feedback", 1, 5) - 1) / 4
    return totals


def _closed(content: str) -> str:
    content = re.sub(r"(?<=\w) ?['’] ?(s|t|m|re|ve|ll|d)\b", r"'\1", content)
    return re.sub(r" ([.,!?;:])", r"\1", content)


if __name__ == "__main__":
    main(CORPUS, rows)
