"""A recording of any length as 16 kHz mono samples, one window at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pixel.voice.audio.errors import AudioError
from pixel.voice.audio.probe import AudioFacts, probe
from pixel.voice.audio.stream import RATE, pieces

SEARCHED = 30.0  # seconds at a window's end in which its cut is looked for
FRAME = RATE // 50
QUIET = 15  # frames, 0.3 s
__all__ = ["RATE", "AudioError", "AudioFacts", "Window", "probe", "windows"]


@dataclass(frozen=True)
class Window:
    """
    Attributes:
        index: 0, 1, ... within the file.
        start: seconds from the start of the file.
        samples: float32 `[samples]`, 16 kHz mono, in [-1, 1].
    """

    index: int
    start: float
    samples: np.ndarray


def windows(path: str | Path, seconds: float = 600.0) -> Iterator[Window]:
    """
    Decodes while it goes, so that memory holds about one window however long the file is.

    Args:
        path: anything ffmpeg reads, films with a sound track included; the file's ending is not asked.
        seconds: the most a window holds, above 30.

    Yields:
        Windows in order, without gaps; each but the last ends in the quietest place of its last 30 s.

    Raises:
        ValueError: `seconds` is 30 or less.
        AudioError: as `probe`; or nothing could be decoded; or the decoder broke off, after what was good has been
            handed out.
    """
    if seconds <= SEARCHED:
        raise ValueError(f"windows of {seconds:g} s. Mend: take more than {SEARCHED:g} s")
    size = round(seconds * RATE)
    buffer, filled, start, index = np.zeros(size, np.float32), 0, 0, 0
    broken: AudioError | None = None
    source = pieces(path)
    while True:
        try:
            piece = next(source, None)
        except AudioError as error:
            piece, broken = None, error
        if piece is None:
            break
        while len(piece):
            taken = min(size - filled, len(piece))
            buffer[filled : filled + taken] = piece[:taken]
            piece, filled = piece[taken:], filled + taken
            if filled == size:
                cut = quietest(buffer)
                yield Window(index, start / RATE, buffer[:cut].copy())
                filled, start, index = size - cut, start + cut, index + 1
                buffer[:filled] = buffer[cut:].copy()
    if filled:
        yield Window(index, start / RATE, buffer[:filled].copy())
    elif not index and broken is None:
        broken = AudioError(f"{path}: no sound in it, 0 seconds. Mend: leave it out")
    if broken:
        raise broken


def quietest(samples: np.ndarray) -> int:
    """The sample in the last 30 s around which 0.3 s are quietest; the first of several."""
    tail = samples[-round(SEARCHED * RATE) :]
    power = (tail[: len(tail) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64) ** 2).mean(1)
    smooth = np.lib.stride_tricks.sliding_window_view(power, QUIET).mean(1)
    return len(samples) - len(tail) + (int(smooth.argmin()) + QUIET // 2) * FRAME
