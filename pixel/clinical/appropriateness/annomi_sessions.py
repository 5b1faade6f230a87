"""AnnoMI's sessions with the annotators' majorities, as the behaviour reader is fitted on them."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pixel.clinical.appropriateness.behaviours import BEHAVIOURS, MAIN, TALK

_MAIN = {"question": "question", "reflection": "reflection", "therapist_input": "input", "other": "other"}


DANGER_TOPICS = ("self-harm", "violence", "recidivism")
"""Topics of sessions in which clients may well be in danger."""


class Session(NamedTuple):
    """
    One session.

    Attributes:
        id: transcript id; `video`: sessions cut out of one video share it.
        high: shown as good practice.
        topic: in the words of its makers.
        messages: `{"role", "content"}` each.
        acts: for every helper turn the six behaviours and the four main ones, 0 or 1.
        talk: for every client turn change and sustain talk, 0 or 1.
    """

    id: str
    video: str
    high: bool
    topic: str
    messages: list[dict[str, str]]
    acts: list[list[int]]
    talk: list[list[int]]


def read_sessions(data_root: str | Path) -> list[Session]:
    """
    Sessions by transcript id.

    Raises:
        FileNotFoundError: `annomi/annomi-full.csv` is not under the data root.
    """
    file = Path(data_root) / "annomi" / "annomi-full.csv"
    if not file.is_file():
        raise FileNotFoundError(f"{file}: not there. Mend: name the folder that holds annomi/ as --data_root")
    said: dict[str, dict[int, list[dict]]] = defaultdict(lambda: defaultdict(list))
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            said[row["transcript_id"]][int(row["utterance_id"])].append(row)
    return [_session(id, [turns[number] for number in sorted(turns)]) for id, turns in sorted(said.items())]


def _session(id: str, turns: list[list[dict]]) -> Session:
    first = turns[0][0]
    out = Session(id, first["video_url"].split("&")[0], first["mi_quality"] == "high", first["topic"], [], [], [])
    for rows in turns:
        helper = rows[0]["interlocutor"] == "therapist"
        out.messages.append({"role": "assistant" if helper else "user", "content": rows[0]["utterance_text"]})
        if helper:
            present = [_behaviours(row) for row in rows]
            main = _majority(_MAIN.get(row["main_therapist_behaviour"], "other") for row in rows)
            acts = [int(_majority(name in names for names in present)) for name in BEHAVIOURS]
            out.acts.append([*acts, *(int(name == main) for name in MAIN)])
        else:
            talk = _majority(row["client_talk_type"] for row in rows)
            out.talk.append([int(name == talk) for name in TALK])
    return out


def _behaviours(row: dict) -> set[str]:
    found = set()
    for kind, ending in (("question", "_question"), ("reflection", "_reflection"), ("therapist_input", "")):
        if row[f"{kind}_exists"] == "True":
            found.add(row[f"{kind}_subtype"] + ending)
    return found


def _majority(votes: Iterable):
    return Counter(votes).most_common(1)[0][0]
