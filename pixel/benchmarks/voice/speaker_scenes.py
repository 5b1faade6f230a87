"""Recordings in which it is known who speaks when: real ones, and conversations planted from LibriSpeech's readers."""

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pixel.data.errors import ConversationError

RATE = 16_000
READERS, MEETING = "librispeech_5spk_417s", "ami_ES2003a_0-30s"


class Scene(NamedTuple):
    """
    Attributes:
        name: of the recording, or the readers of a planted one joined by `+`.
        samples: float32 `[samples]` at 16 kHz.
        true: start, end, speaker, in order of start.
    """

    name: str
    samples: np.ndarray
    true: list[tuple[float, float, str]]

    @property
    def speakers(self) -> int:
        return len({name for *_, name in self.true})

    @property
    def speech(self) -> list[tuple[float, float]]:
        """Stretches in which at least one speaks."""
        joined: list[tuple[float, float]] = []
        for start, end, _ in self.true:
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined


def readers(data_root: str | Path) -> Scene:
    """LibriSpeech test-other: 5 readers, 10 utterances each, one reader after the other, 417 s."""
    rows = json.loads(_file(data_root, f"{READERS}.json").read_text(encoding="utf-8"))
    return Scene(READERS, _samples(data_root, READERS), [(row["start"], row["end"], row["speaker"]) for row in rows])


def meeting(data_root: str | Path) -> Scene:
    """AMI ES2003a, 30 s: two who talk over each other, heard from far."""
    lines = (
        line.split() for line in _file(data_root, f"{MEETING}.rttm").read_text("utf-8").splitlines() if line.strip()
    )
    turns = [(float(line[3]), float(line[3]) + float(line[4]), line[7]) for line in lines]
    return Scene(MEETING, _samples(data_root, MEETING), sorted(turns))


def planted(source: Scene, names: Sequence[str], seed: int, seconds: float = 60.0) -> Scene:
    """
    A conversation of readers: turns of 1 to 7 s in random order, 0.1 to 0.6 s of silence between them.

    Args:
        source: of `readers`.
        names: of the readers; one alone gives turns of one speaker.
        seed: of the draws.
        seconds: at least as long, as far as there is speech.
    """
    draw = np.random.default_rng(seed)
    left = {name: [one for one in source.true if one[2] == name] for name in names}
    pieces = {name: iter(_pieces([left[name][i] for i in draw.permutation(len(left[name]))], draw)) for name in names}
    parts, true, now, last = [], [], 0.0, None
    while now < seconds:
        last = draw.choice([name for name in names if name != last or len(names) == 1])
        if (piece := next(pieces[last], None)) is None:
            break
        said = source.samples[round(piece[0] * RATE) : round(piece[1] * RATE)]
        true.append((now, now + len(said) / RATE, str(last)))
        parts += [said, np.zeros(round(draw.uniform(0.1, 0.6) * RATE), np.float32)]
        now += (len(parts[-2]) + len(parts[-1])) / RATE
    return Scene("+".join(names), np.concatenate(parts), true)


def conversations(source: Scene, voices: int) -> list[Scene]:
    """One planted conversation for every choice of that many readers."""
    choices = itertools.combinations(sorted({name for *_, name in source.true}), voices)
    return [planted(source, names, seed=100 * voices + number) for number, names in enumerate(choices)]


def _pieces(utterances: Sequence[tuple[float, float, str]], draw: np.random.Generator) -> list[tuple[float, float]]:
    found = []
    for start, end, _ in utterances:
        while start < end - 1:
            length = draw.uniform(1.5, 7)
            found.append((start, min(start + length, end)))
            start += length
    return found


def _samples(data_root: str | Path, name: str) -> np.ndarray:
    from pixel.voice.audio.decoding import windows

    return np.concatenate([window.samples for window in windows(_file(data_root, f"{name}.flac"))])


def _file(data_root: str | Path, name: str) -> Path:
    file = Path(data_root) / "speech" / name
    if not file.is_file():
        raise ConversationError("file not found", file=file, mend="name the folder with the raw corpora: --data_root")
    return file
