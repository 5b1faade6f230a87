"""The rows that the screen learns from: forum posts with their rungs, ordinary talk, and sentences of our own."""

import csv
import random
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from pixel.data.errors import ConversationError

from .ladder import RUNGS
from .rules import SIGNALS

RATERS = ("gpt", "claude", "gemini", "llama", "mistral")
HUMAN_SHARE = 0.5
"""Share of the person's label in a training target; the rest is the mean of the five language models' labels."""

_MENTIONS = re.compile(
    r"suicid|kill(?:ing)? (?:my|him|her|them)sel|end my life|end it all|self.?harm|want to die|wanna die|overdos"
    r"|hurt(?:ing)? (?:my|him|her|them)sel|cutting myself",
    re.I,
)
_ORDINARY = {  # source: file, encoding, text columns, group column, rows at most
    "annomi_client": ("annomi/annomi-full.csv", "utf-8", ("utterance_text",), "transcript_id", 900),
    "annomi_therapist": ("annomi/annomi-full.csv", "utf-8", ("utterance_text",), "transcript_id", 100),
    "counselchat": ("counselchat/counselchat.csv", "utf-8", ("questionTitle", "questionText"), "questionID", 700),
    "epitome_response": ("epitome/explorations.csv", "utf-8", ("response_post",), "sp_id", 300),
    "epitome_seeker": ("epitome/explorations.csv", "utf-8", ("seeker_post",), "sp_id", 150),
    "dreaddit": ("dreaddit/train.csv", "cp1252", ("text",), "post_id", 150),
    "empatheticdialogues": ("empatheticdialogues/dialogues.csv", "utf-8", ("Text",), "Dialog_ID", 200),
}


@dataclass
class Row:
    """
    Attributes:
        source: corpus.
        group: rows of one group are never on both sides of a split.
        text: the message.
        rung: 0-6 by a person; 0 is assumed of ordinary talk.
        target: float `[6]`: how sure it is that the text reaches each rung.
        importance: weight in the loss; 0 for rows that are only measured.
    """

    source: str
    group: str
    text: str
    rung: int
    target: np.ndarray
    importance: float


def cumulative(rung: int) -> np.ndarray:
    return np.array([float(rung >= k) for k in range(1, RUNGS + 1)])


def _table(file: Path, encoding: str = "utf-8"):
    csv.field_size_limit(2**24)
    try:
        with file.open(encoding=encoding, errors="replace", newline="") as stream:
            yield from csv.DictReader(stream)
    except OSError as error:
        mend = "name the folder of corpora with --data_root"
        raise ConversationError("no such corpus", file=file, mend=mend) from error


def posts(data_root: str | Path) -> list[Row]:
    """Crisis-forum posts: a person's rung, softened by five language models' (CC BY 4.0, arXiv 2505.13480)."""
    rows = []
    for row in _table(Path(data_root) / "cssrs_sw1170" / "posts.csv"):
        person = cumulative(int(row["cssrs_severity"]))
        models = [cumulative(int(row[name])) for name in RATERS if row[name] != ""]
        target = HUMAN_SHARE * person + (1 - HUMAN_SHARE) * np.mean(models, axis=0) if models else person
        rows.append(Row("posts", row["id"], row["text"], int(row["cssrs_severity"]), target, 1.0))
    return rows


def ordinary(data_root: str | Path, importance: float = 0.3) -> list[Row]:
    """
    Ordinary talk, at most so many rows a corpus, drawn by a fixed seed. Rows that mention suicide or self-harm are not
    learned from.
    """
    rows = []
    for source, (file, encoding, columns, group, most) in _ORDINARY.items():
        found: dict[str, Row] = {}
        for row in _table(Path(data_root) / file, encoding):
            if source.startswith("annomi") and row["interlocutor"] != source.split("_")[1]:
                continue
            text = " ".join((row[name] or "").strip() for name in columns).strip()
            if len(text.split()) >= 3:
                weight = 0.0 if _MENTIONS.search(text) else importance
                found.setdefault(text, Row(source, f"{source}-{row[group]}", text, 0, np.zeros(RUNGS), weight))
        kept = list(found.values())
        rows += random.Random(0).sample(kept, most) if len(kept) > most else kept
    return rows


def examples() -> list[Row]:
    """Our own sentences, in full weight."""
    read = yaml.safe_load((SIGNALS / "examples.yaml").read_text(encoding="utf-8"))
    return [
        Row("examples", f"example-{rung}-{place}", text, rung, cumulative(rung), 1.0)
        for rung, texts in read.items()
        for place, text in enumerate(texts)
    ]
