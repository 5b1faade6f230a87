"""The sound of a conversation: a stretch of its recording as the bytes of a WAV file."""

import io
import wave
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixel.data.deidentify import deidentify
from pixel.voice.audio.decoding import RATE, windows
from pixel.voice.segment import Segment

MARGIN = 0.2
"""Seconds kept before and after."""


def withhold(rows: Iterable[Mapping[str, Any]], segments: Iterable[Segment], names: Sequence[str]) -> list[dict]:
    """
    Rows without `clear` where anything that was heard in their stretch points at a person.

    A stretch of sound also holds what its conversation leaves out: signs of listening, and what guards or quality
    took out.

    Args:
        rows: of one file, as `build_file` gives them.
        segments: all of the file, also those that were taken out.
        names: of people.
    """
    named = [(one.start, one.end) for one in segments if deidentify(one.text, names) != one.text]
    return [
        {**row, "clear": row["clear"] and not any(
            start < row["end"] + MARGIN and end > row["start"] - MARGIN for start, end in named)}
        for row in rows
    ]  # fmt: skip


def cut(folder: str | Path, file: str, stretches: Sequence[tuple[float, float]]) -> list[bytes]:
    """
    Stretches of one recording, decoded once, window by window.

    Args:
        folder: of the recordings, or the one recording.
        file: its path below the folder.
        stretches: start and end in seconds, in any order.

    Returns:
        16 kHz mono WAV files with 16 bits a sample, one a stretch.

    Raises:
        AudioError: the recording cannot be read.
    """
    path = Path(folder) / file if Path(folder).is_dir() else Path(folder)
    wanted = [(max(0.0, start - MARGIN), end + MARGIN) for start, end in stretches]
    pieces: list[list[np.ndarray]] = [[] for _ in wanted]
    last = max((end for _, end in wanted), default=0.0)
    for window in windows(path):
        end = window.start + len(window.samples) / RATE
        for place, (first, until) in enumerate(wanted):
            if first < end and until > window.start:
                a, b = (max(0, round((at - window.start) * RATE)) for at in (first, until))
                pieces[place].append(window.samples[a:b])
        if end >= last:
            break
    return [as_wav(np.concatenate(piece) if piece else np.zeros(0, np.float32)) for piece in pieces]


def as_wav(samples: np.ndarray) -> bytes:
    """Float samples in [-1, 1] at 16 kHz as a WAV file with 16 bits a sample."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes())
    return out.getvalue()
