"""Folders of recordings for benchmarks: cut of real speech where there is some, else spoken by a machine."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pixel.benchmarks.synthetic_speech import speak

RATE = 16_000
PAUSE = 0.6  # seconds between utterances
_SAID = (
    "We spoke about the harvest until it was quite dark outside.",
    "My brother never understood why I had to leave the city.",
    "There are three things I would like to tell you today.",
    "When the letter came, nobody in the house dared to open it.",
    "I think that listening is harder than most people believe.",
)


def utterances(data_root: str | Path | None, seed: int = 0) -> list[np.ndarray]:
    """
    Args:
        data_root: holds `speech/librispeech_5spk_417s.flac` and its `.json`; none for a machine's voices.
        seed: of the machine's voices.

    Returns:
        fifty of some seconds each, float32 at 16 kHz.
    """
    if data_root is None:
        draw = random.Random(seed)
        return [speak(" ".join(draw.sample(_SAID, 2)), f"en-us+m{draw.randint(1, 7)}") for _ in range(50)]
    import soundfile

    folder = Path(data_root) / "speech"
    samples, rate = soundfile.read(folder / "librispeech_5spk_417s.flac", dtype="float32")
    cuts = json.loads((folder / "librispeech_5spk_417s.json").read_text(encoding="utf-8"))
    return [samples[round(cut["start"] * rate) : round(cut["end"] * rate)] for cut in cuts]


def joined(pieces: list[np.ndarray]) -> np.ndarray:
    """With pauses between them and after the last."""
    return np.concatenate([part for piece in pieces for part in (piece, np.zeros(round(PAUSE * RATE), np.float32))])


def write(path: Path, samples: np.ndarray) -> Path:
    """As its ending says: `.wav`, `.flac`, `.ogg`, `.mp3`."""
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, RATE)
    return path


def long_recording(path: Path, hours: float, spoken: list[np.ndarray], every: float, seed: int = 0) -> list[float]:
    """
    Mostly pauses with faint noise; an utterance about every so many seconds.

    Args:
        path: `.flac` to write; memory holds one stretch.
        hours: of the recording.
        spoken: utterances, taken in turn.
        every: seconds from the start of one to the start of the next.

    Returns:
        the second at which each begins.
    """
    import soundfile

    noise, starts = np.random.default_rng(seed), []
    with soundfile.SoundFile(path, "w", RATE, 1, subtype="PCM_16") as out:
        for number, stretch in enumerate(_stretches(hours * 3600, every)):
            samples = noise.normal(0.0, 1e-4, round(stretch * RATE)).astype(np.float32)
            said = spoken[number % len(spoken)]
            if len(said) < len(samples):
                samples[: len(said)] += said
                starts.append(number * every)
            out.write(samples)
    return starts


def _stretches(seconds: float, every: float) -> Iterator[float]:
    while seconds > 0:
        yield min(every, seconds)
        seconds -= every
