"""Packets to samples: what ffmpeg decodes, resampled, on its own clock."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pixel.voice.audio.errors import AudioError
from pixel.voice.audio.probe import length, opened, reason

RATE = 16_000
JUMP = 0.1  # seconds without sound that are filled with silence, so that times stay true
LONGEST_JUMP = 600.0  # a clock that leaps further is broken and not followed
FORGIVEN = 1.0  # seconds of damage: a packet or two are skipped, as ffmpeg does
WITH_GAPS = (
    "matroska",
    "mov",
    "mp4",
    "mpegts",
    "ogg",
    "asf",
    "flv",
)  # containers that may leave time out; others are damaged
SHORT = 2.0  # seconds that may be missing at the end of what the container promises


def pieces(path: str | Path) -> Iterator[np.ndarray]:
    """
    Yields:
        float32 `[samples]` at 16 kHz mono, one after the other. Gaps in the recording's clock are silence.

    Raises:
        AudioError: as `probe`; more than a second is damaged; the file ends before it should.
    """
    import av

    with opened(path) as container:
        stream = container.streams.audio[0]
        promised, origin, resampler = length(container), None, _Resampler()
        gaps = any(name in container.format.name for name in WITH_GAPS)
        given, lost = 0, 0.0
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except (av.error.FFmpegError, ValueError) as error:  # the container itself is damaged, or its disk
                raise _damaged(path, given, reason(error)) from None
            if packet is None:
                break
            try:
                frames = packet.decode()
            except (av.error.FFmpegError, ValueError) as error:
                lost += _seconds(packet)
                if lost > FORGIVEN:
                    raise _damaged(path, given, reason(error)) from None
                continue
            for frame in frames:
                clock = frame.time
                if clock is not None:
                    origin = clock if origin is None else origin
                    missing = clock - origin - (given + resampler.waiting) / RATE
                    if JUMP < missing < LONGEST_JUMP:
                        if not gaps and (lost := lost + missing) > FORGIVEN:
                            raise _damaged(path, given, f"{missing:.1f} s are missing")
                        given += round(missing * RATE)
                        yield np.zeros(round(missing * RATE), np.float32)
                for piece in resampler.add(frame):
                    given += len(piece)
                    yield piece
        for piece in resampler.end():
            given += len(piece)
            yield piece
        if promised is not None and given and promised - given / RATE > max(SHORT, 0.02 * promised):
            raise AudioError(f"{path}: breaks off at {given / RATE:.1f} s of {promised:.1f} s. Mend: fetch it again")


def _damaged(path: str | Path, given: int, why: str) -> AudioError:
    return AudioError(f"{path}: damaged at {given / RATE:.1f} s ({why}). Mend: fetch it again")


def _seconds(packet: Any) -> float:
    """How long a packet lasts; a twentieth of a second where it does not say."""
    if packet.duration and packet.time_base:
        return float(packet.duration * packet.time_base)
    return 0.05


class _Resampler:
    """To 16 kHz mono; begins anew where a stream changes its rate or its channels on the way."""

    def __init__(self) -> None:
        self.kind: tuple[Any, ...] | None = None
        self.inner: Any = None
        self.waiting = 0  # samples that the resampler has taken and not yet given, about

    def add(self, frame: Any) -> Iterator[np.ndarray]:
        import av

        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if kind != self.kind:
            yield from self.end()
            # the channels stay: ffmpeg's own way to mono overdrives what both channels carry; packed, since PyAV reads
            # beyond the planes of more than eight channels
            self.inner, self.kind = av.AudioResampler(format="flt", rate=RATE), kind
        frame.pts = None
        self.waiting += round(frame.samples * RATE / frame.sample_rate)
        for got in self.inner.resample(frame):
            yield from self._samples(got)

    def end(self) -> Iterator[np.ndarray]:
        if self.inner is not None:
            for got in self.inner.resample(None):
                yield from self._samples(got)
        self.inner, self.kind, self.waiting = None, None, 0

    def _samples(self, got: Any) -> Iterator[np.ndarray]:
        channels = got.to_ndarray().reshape(-1, got.layout.nb_channels).T
        samples = np.ascontiguousarray(channels).mean(0, dtype=np.float32)
        self.waiting = max(0, self.waiting - len(samples))
        yield np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0).clip(-1, 1)
