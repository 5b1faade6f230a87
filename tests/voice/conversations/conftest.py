"""Small stand-ins: an encoder that counts words, a writer that says what it was told to, segments in a line."""

import json
from types import SimpleNamespace
from zlib import crc32

import numpy as np
import pytest

from pixel.voice.segment import Segment, Word

EMPTY = frozenset("a an and are at be do for he how i in is it my of on the to was we what where why with you".split())


class CountingEncoder:
    """Counts of words that are not `EMPTY`, in 256 bins, of length 1: texts are alike where they share words."""

    size = 256

    def __init__(self):
        self.calls = 0

    def encode(self, texts):
        self.calls += 1
        out = np.zeros((len(texts), self.size), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().replace("?", " ").replace(".", " ").replace(",", " ").split():
                if word not in EMPTY:
                    out[row, crc32(word.encode()) % self.size] += 1
        return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)


class ToldWriter:
    """Writes what `say(messages)` gives, as often as asked for."""

    name = "told"

    def __init__(self, say):
        self.say, self.seeds = say, []

    def write(self, messages, count, seed, most_tokens=60):
        self.seeds.append(seed)
        return list(self.say(messages))[:count]


class CalmDetector:
    """Flags texts that hold the word DANGER."""

    def read(self, texts):
        return [
            SimpleNamespace(
                severity=[0, 0, 0, 0, 0, 1, 0] if "DANGER" in text else [1, 0, 0, 0, 0, 0, 0],
                flag="DANGER" in text, abstain="FOREIGN" in text, kind="suicide" if "DANGER" in text else "none",
                high="DANGER" in text, reasons=["abstain:other_language"] if "FOREIGN" in text else [],
            )
            for text in texts
        ]  # fmt: skip


class CalmRules:
    """Breaks a rule where a reply holds the word PILLS."""

    def judge(self, pairs, danger=None):
        broken = SimpleNamespace(violations=(SimpleNamespace(rule="medication_advice"),))
        return [broken if "PILLS" in pair.reply else SimpleNamespace(violations=()) for pair in pairs]


@pytest.fixture
def encoder():
    return CountingEncoder()


@pytest.fixture
def gate():
    from pixel.voice.conversations.therapeutic import TherapeuticGate

    return TherapeuticGate(CalmDetector(), CalmRules(), region="GB")


@pytest.fixture
def tools(encoder, gate):
    from pixel.voice.conversations.building import Tools

    return Tools(encoder, gate)


def said(text, start, end=None, speaker="S1", file="a.wav", words=False):
    """A segment; with `words` each has its share of the time."""
    end = start + 0.4 * len(text.split()) if end is None else end
    spoken = text.split()
    step = (end - start) / len(spoken)
    inside = tuple(Word(f" {w}", start + n * step, start + (n + 1) * step, 0.9) for n, w in enumerate(spoken))
    return Segment(file, start, end, text, words=inside if words else (), speaker=speaker)


def in_line(*lines, file="a.wav", pause=0.3):
    """Segments one after the other from `(speaker, text)`."""
    out, at = [], 0.0
    for speaker, text in lines:
        out.append(said(text, at, speaker=speaker, file=file))
        at = out[-1].end + pause
    return out


INTERVIEW = (
    ("S1", "How did you come to climb mountains?"),
    ("S2", "My father took me to climb mountains every Sunday when I was six years old."),
    ("S1", "Were you ever afraid on the rock face?"),
    ("S2", "Yes, on the rock face I was afraid all day, and afraid people check the rope twice."),
    ("S1", "What food do you carry on a long tour?"),
    ("S2", "Bread and cheese is the food I carry on a tour, with dried fruit for the long days."),
)
CONSENT = {
    "given_by": "A. Speaker",
    "date": "2026-01-02",
    "evidence": "form 7",
    "scope": ["training", "transcription"],
}


def transcription(folder, files):
    """What a transcription leaves: `files` is name -> (segments, facts)."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "segments.jsonl").open("w") as out:
        for segments, _ in files.values():
            out.writelines(json.dumps(one.as_row()) + "\n" for one in segments)
    with (folder / "files.jsonl").open("w") as out:
        for name, (segments, facts) in files.items():
            row = {"file": name, "state": "done", "seconds": segments[-1].end, "sha256": name} | facts
            out.write(json.dumps(row) + "\n")
    return folder
